//! The icon in the tray: how things stand, at a glance and in a short menu.
//!
//! A desktop without a tray, or without the library for it, is no error: the window asks before it
//! closes.

use std::panic::{AssertUnwindSafe, catch_unwind};

use tauri::{
    AppHandle, Manager as _,
    image::Image,
    include_image,
    menu::{Menu, MenuItem, PredefinedMenuItem},
    tray::{MouseButton, MouseButtonState, TrayIcon, TrayIconBuilder, TrayIconEvent},
};

use crate::{closing, watch::Status, window};

/// The icon and the parts of its menu that change.
struct Tray {
    icon: TrayIcon,
    peers: MenuItem<tauri::Wry>,
    problems: MenuItem<tauri::Wry>,
}

/// How things stand, as the icon shows it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Standing {
    /// Nothing to do.
    Fine,
    /// A person should look.
    Attention,
    /// The node does not run.
    Offline,
}

/// Makes the icon, if this desktop can.
pub(crate) fn make(app: &AppHandle) {
    // The library is loaded when the first icon is made, which panics where it is missing.
    let made = catch_unwind(AssertUnwindSafe(|| build(app)));
    match made {
        Ok(Ok(tray)) => {
            app.manage(tray);
        }
        Ok(Err(error)) => tracing::warn!(%error, "no tray"),
        Err(_panic) => tracing::warn!("no tray: the library for it is missing"),
    }
}

/// Shows how things stand; no status means that the node does not run. On the main thread only.
pub(crate) fn update(app: &AppHandle, status: Option<&Status>) {
    let Some(tray) = app.try_state::<Tray>() else { return };
    let tooltip = status.map_or_else(|| "Covey: the node has stopped".to_owned(), Status::sentence);
    let shown = tray
        .icon
        .set_icon(Some(picture(standing(status))))
        .and_then(|()| tray.icon.set_tooltip(Some(tooltip)))
        .and_then(|()| tray.peers.set_text(peers(status)))
        .and_then(|()| tray.problems.set_text(problems(status)));
    if let Err(error) = shown {
        tracing::warn!(%error, "tray could not be changed");
    }
}

/// Whether there is an icon, and a tray that shows it.
pub(crate) fn is_shown(app: &AppHandle) -> bool {
    app.try_state::<Tray>().is_some() && desktop_has_tray()
}

/// Whether something on the session bus shows the icons of applications.
#[cfg(target_os = "linux")]
fn desktop_has_tray() -> bool {
    let asked = zbus::blocking::Connection::session().and_then(|bus| {
        let answer = bus.call_method(
            Some("org.freedesktop.DBus"),
            "/org/freedesktop/DBus",
            Some("org.freedesktop.DBus"),
            "NameHasOwner",
            &"org.kde.StatusNotifierWatcher",
        )?;
        answer.body().deserialize::<bool>()
    });
    asked.unwrap_or(false)
}

/// Other systems always have one.
#[cfg(not(target_os = "linux"))]
fn desktop_has_tray() -> bool {
    true
}

fn build(app: &AppHandle) -> tauri::Result<Tray> {
    let open = MenuItem::with_id(app, "open", "Open Covey", true, None::<&str>)?;
    let peers = MenuItem::with_id(app, "peers", peers(None), false, None::<&str>)?;
    let problems = MenuItem::with_id(app, "problems", problems(None), true, None::<&str>)?;
    let line = PredefinedMenuItem::separator(app)?;
    let quit = MenuItem::with_id(app, "quit", "Quit", true, None::<&str>)?;
    let menu = Menu::with_items(app, &[&open, &peers, &problems, &line, &quit])?;
    let icon = TrayIconBuilder::with_id("covey")
        .icon(picture(Standing::Offline))
        .tooltip("Covey")
        .menu(&menu)
        .show_menu_on_left_click(false)
        .on_menu_event(|app, event| match event.id().as_ref() {
            "quit" => closing::quit(app),
            _ => window::show(app),
        })
        .on_tray_icon_event(|icon, event| {
            if let TrayIconEvent::Click {
                button: MouseButton::Left,
                button_state: MouseButtonState::Up,
                ..
            } = event
            {
                window::show(icon.app_handle());
            }
        })
        .build(app)?;
    Ok(Tray { icon, peers, problems })
}

fn standing(status: Option<&Status>) -> Standing {
    match status {
        None => Standing::Offline,
        Some(status) if status.needs_attention() => Standing::Attention,
        Some(_) => Standing::Fine,
    }
}

fn picture(standing: Standing) -> Image<'static> {
    match standing {
        Standing::Fine => include_image!("../icons/tray-ok.png"),
        Standing::Attention => include_image!("../icons/tray-attention.png"),
        Standing::Offline => include_image!("../icons/tray-offline.png"),
    }
}

fn peers(status: Option<&Status>) -> String {
    match status {
        None => "Not running".to_owned(),
        Some(status) => format!("Nodes: {} of {}", status.nodes_alive, status.nodes_known),
    }
}

fn problems(status: Option<&Status>) -> String {
    match status.map_or(0, Status::open_matters) {
        0 => "No problems".to_owned(),
        1 => "1 thing to look at".to_owned(),
        count => format!("{count} things to look at"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn icon_changes_shape_with_what_is_wrong() {
        let fine = Status::example(2, 2, 0);
        let lost = Status::example(1, 2, 1);

        assert_eq!(standing(Some(&fine)), Standing::Fine);
        assert_eq!(standing(Some(&lost)), Standing::Attention);
        assert_eq!(standing(None), Standing::Offline);
    }

    #[test]
    fn menu_counts_nodes_and_problems() {
        let lost = Status::example(1, 3, 2);

        assert_eq!(peers(Some(&lost)), "Nodes: 1 of 3");
        assert_eq!(problems(Some(&lost)), "2 things to look at");
        assert_eq!(peers(None), "Not running");
    }
}
