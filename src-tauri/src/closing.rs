//! What closing the window does: it hides to the tray where there is one, and asks where not.

use std::{fs, path::PathBuf, thread};

use tauri::{AppHandle, Manager as _};

use crate::{
    core::Core,
    notice::{self, Choice, Notice},
    tray, window,
};

/// A person closed the panel's window.
pub(crate) fn requested(app: &AppHandle) {
    if !tray::is_shown(app) {
        notice::show(app, &question());
        return;
    }
    if let Some(window) = app.get_webview_window(window::MAIN)
        && let Err(error) = window.hide()
    {
        tracing::warn!(%error, "window could not be hidden");
        return;
    }
    if is_first_time(app) {
        notice::show(app, &explanation());
    }
}

/// Says goodbye to the cluster and ends the app; the window is gone at once.
pub(crate) fn quit(app: &AppHandle) {
    for window in app.webview_windows().into_values() {
        drop(window.hide());
    }
    let app = app.clone();
    thread::spawn(move || {
        if let Some(core) = app.try_state::<Core>() {
            core.stop();
        }
        app.exit(0);
    });
}

/// Whether the window is closed for the first time in this profile; the next time it is not.
fn is_first_time(app: &AppHandle) -> bool {
    let Ok(folder) = app.path().app_config_dir() else { return true };
    let marker: PathBuf = folder.join("closing-explained");
    if marker.exists() {
        return false;
    }
    let kept = fs::create_dir_all(&folder).and_then(|()| fs::write(&marker, ""));
    if let Err(error) = kept {
        tracing::warn!(%error, "explanation will come again");
    }
    true
}

fn explanation() -> Notice {
    Notice {
        label: "closing",
        title: "Covey goes on in the tray".to_owned(),
        text: vec![
            "The window is closed. This computer stays in its cluster and its agents keep \
             running."
                .to_owned(),
            "Click the bird in the tray to open the window again, or quit from its menu."
                .to_owned(),
        ],
        detail: String::new(),
        choices: &[Choice::Understood, Choice::Quit],
    }
}

fn question() -> Notice {
    Notice {
        label: "closing",
        title: "Quit Covey on this computer?".to_owned(),
        text: vec![
            "This desktop has no tray that Covey could stay in. If you quit, this computer says \
             goodbye to its cluster: its agents start on other computers, and stop if there is \
             none that may run them."
                .to_owned(),
        ],
        detail: String::new(),
        choices: &[Choice::Stay, Choice::Quit],
    }
}
