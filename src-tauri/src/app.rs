//! The app: starts the node, opens the window, and ends both together.

use tauri::{App, AppHandle, Builder, Context, Manager as _, RunEvent, Wry, plugin::TauriPlugin};

use crate::{
    arguments::Arguments,
    closing,
    core::{Core, End},
    ipc::{self, Subscriptions},
    notice::{self, Choice, Notice, Notices},
    tray, watch, window,
};

/// Runs until the app is quit.
///
/// # Errors
///
/// What the window system said; nothing was started.
pub(crate) fn run(arguments: &Arguments) -> tauri::Result<()> {
    let mut context = context();
    let identifier = identifier(&context.config().identifier, arguments);
    context.config_mut().identifier.clone_from(&identifier);

    let wanted = arguments.clone();
    let builder = Builder::default()
        .plugin(single_instance(identifier))
        .plugin(tauri_plugin_notification::init())
        .register_uri_scheme_protocol(notice::SCHEME, |context, request| {
            notice::answer(context.app_handle(), &request)
        })
        .manage(Subscriptions::default())
        .manage(Notices::default())
        .invoke_handler(tauri::generate_handler![ipc::call, ipc::subscribe, ipc::unsubscribe])
        .setup(move |app| {
            start(app, &wanted);
            Ok(())
        });
    builder.build(context)?.run(on_event);
    Ok(())
}

/// What the build embedded: configuration, panel, icons and permissions.
#[expect(clippy::exit, reason = "the macro's code ends a process whose embedded parts are broken")]
fn context() -> Context<Wry> {
    tauri::generate_context!()
}

fn on_event(app: &AppHandle, event: RunEvent) {
    let Some(core) = app.try_state::<Core>() else { return };
    if let RunEvent::ExitRequested { code: None, api, .. } = event {
        // The last window is closed; the node stays until it is told to stop.
        api.prevent_exit();
    } else if let RunEvent::Exit = event {
        core.stop();
    }
}

/// Each profile is an app of its own: a second start finds the window of the same profile.
fn identifier(base: &str, arguments: &Arguments) -> String {
    if arguments.is_default_profile() {
        base.to_owned()
    } else {
        // The bus allows no part that begins with a digit.
        format!("{base}.profile-{}", arguments.profile)
    }
}

/// A second start shows the window of the first, and ends.
fn single_instance(identifier: String) -> TauriPlugin<Wry> {
    tauri_plugin_single_instance::Builder::new()
        .dbus_id(identifier)
        .callback(|app, _arguments, _folder| window::show(app))
        .build()
}

/// Starts the node and shows it; a node that does not start is said in a window.
fn start(app: &App, arguments: &Arguments) {
    let app = app.handle();
    let ended = {
        let app = app.clone();
        move |end| on_end(&app, end)
    };
    let core = match Core::start(&arguments.profile, ended) {
        Ok(core) => core,
        Err(failure) => {
            tracing::warn!(error = %failure, "node did not start");
            notice::show(app, &failure.notice());
            return;
        }
    };
    tray::make(app);
    match watch::follow(app, &core) {
        Ok(watching) => {
            app.manage(watching);
        }
        Err(error) => tracing::error!(%error, "node cannot be followed"),
    }
    app.manage(core);
    if !arguments.hidden || !tray::is_shown(app) {
        window::show(app);
    }
}

/// The node has ended: as it was told, or by a fault.
fn on_end(app: &AppHandle, end: End) {
    let handle = app.clone();
    let told = app.run_on_main_thread(move || match end {
        End::Asked => closing::quit(&handle),
        End::Fault(detail) => {
            tray::update(&handle, None);
            notice::show(&handle, &stopped(detail));
        }
    });
    if let Err(error) = told {
        tracing::debug!(%error, "app is ending");
    }
}

fn stopped(detail: String) -> Notice {
    Notice {
        label: "stopped",
        title: "The node has stopped".to_owned(),
        text: vec![
            "A fault in Covey ended the node on this computer. Its agents start on other \
             computers that may run them; nothing that was acknowledged is lost."
                .to_owned(),
            "Try again to start it anew, and please report the text below.".to_owned(),
        ],
        detail,
        choices: &[Choice::Restart, Choice::Quit],
    }
}
