//! The window with the panel in it: opened, hidden, and brought back when its page dies.

use tauri::{
    AppHandle, Manager as _, Url, WebviewUrl, WebviewWindow, WebviewWindowBuilder, WindowEvent,
    webview::PageLoadEvent,
};

#[cfg(target_os = "linux")]
use crate::environment;
use crate::{closing, core::Core, ipc::Subscriptions};

/// The panel's window; the capability file names it.
pub(crate) const MAIN: &str = "main";

/// Shows the window in front of others, making it first if there is none.
pub(crate) fn show(app: &AppHandle) {
    let shown = match app.get_webview_window(MAIN) {
        Some(window) => {
            window.show().and_then(|()| window.unminimize()).and_then(|()| window.set_focus())
        }
        None => open(app).map(drop),
    };
    if let Err(error) = shown {
        tracing::warn!(%error, "window could not be shown");
    }
}

/// Whether a person has the panel before their eyes.
pub(crate) fn has_attention(app: &AppHandle) -> bool {
    app.get_webview_window(MAIN).is_some_and(|window| {
        window.is_visible().unwrap_or(false) && window.is_focused().unwrap_or(false)
    })
}

/// Makes the window.
///
/// # Errors
///
/// What the window system said.
fn open(app: &AppHandle) -> tauri::Result<WebviewWindow> {
    let title = app.state::<Core>().title().to_owned();
    let window = WebviewWindowBuilder::new(app, MAIN, WebviewUrl::App("index.html".into()))
        .title(title)
        .inner_size(1280.0, 800.0)
        .min_inner_size(360.0, 480.0)
        .on_navigation(is_panel)
        .on_page_load(|window, load| {
            if load.event() == PageLoadEvent::Started {
                window.state::<Subscriptions>().end_all();
            }
        })
        .build()?;
    let handle = app.clone();
    window.on_window_event(move |event| {
        if let WindowEvent::CloseRequested { api, .. } = event {
            api.prevent_close();
            closing::requested(&handle);
        }
    });
    settle(&window)?;
    Ok(window)
}

/// The panel never leaves itself; no page from elsewhere gets near its door.
fn is_panel(url: &Url) -> bool {
    url.scheme() == "tauri" || url.host_str() == Some("tauri.localhost")
}

/// Sees to it that a page that dies comes back, and that pages are told a language they know.
///
/// The node lives in another thread and goes on without the page, which starts anew with fresh
/// snapshots.
#[cfg(target_os = "linux")]
fn settle(window: &WebviewWindow) -> tauri::Result<()> {
    use webkit2gtk::{WebContextExt as _, WebViewExt as _};

    window.with_webview(|view| {
        let view = view.inner();
        if environment::has_nameless_language()
            && let Some(context) = view.context()
        {
            context.set_preferred_languages(&["en-US"]);
        }
        view.connect_web_process_terminated(|view, reason| {
            tracing::warn!(?reason, "page died and is loaded again");
            view.reload();
        });
    })
}

/// Elsewhere the system has a language, and [`crate::app`] brings a dead page back.
#[cfg(not(target_os = "linux"))]
fn settle(_: &WebviewWindow) -> tauri::Result<()> {
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn window_stays_on_the_panel() {
        let may = |text: &str| is_panel(&text.parse().unwrap());

        assert!(may("tauri://localhost/index.html#/nodes"));
        assert!(may("http://tauri.localhost/"));
        assert!(!may("https://example.org/"));
        assert!(!may("file:///etc/passwd"));
    }
}
