//! Small windows that say one thing and offer what to do about it.
//!
//! They are pages without script, so they work when the panel does not; their buttons are links
//! that this module answers instead of following.

use std::{
    collections::BTreeMap,
    sync::{Mutex, PoisonError},
};

use tauri::{
    AppHandle, Manager as _, Url, WebviewUrl, WebviewWindowBuilder,
    http::{Request, Response, header},
};

use crate::{closing, window};

/// The scheme of the pages.
pub(crate) const SCHEME: &str = "notice";

/// Something to say.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Notice {
    /// Names its window: a notice of the same label takes the place of the one before.
    pub(crate) label: &'static str,
    /// What happened.
    pub(crate) title: String,
    /// What that means, a paragraph each.
    pub(crate) text: Vec<String>,
    /// What a person who reports it should copy; may be empty.
    pub(crate) detail: String,
    /// What can be done, the best first.
    pub(crate) choices: &'static [Choice],
}

/// What a person can do about it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Choice {
    /// Close the notice.
    Understood,
    /// Close the notice and show the panel.
    Stay,
    /// Stop the node and end the app.
    Quit,
    /// Start the app anew.
    Restart,
}

impl Choice {
    const ALL: [Self; 4] = [Self::Understood, Self::Stay, Self::Quit, Self::Restart];

    fn word(self) -> &'static str {
        match self {
            Self::Understood => "understood",
            Self::Stay => "stay",
            Self::Quit => "quit",
            Self::Restart => "restart",
        }
    }

    fn caption(self) -> &'static str {
        match self {
            Self::Understood => "Understood",
            Self::Stay => "Keep it running",
            Self::Quit => "Quit Covey",
            Self::Restart => "Try again",
        }
    }
}

/// The notices that are open, by label.
#[derive(Debug, Default)]
pub(crate) struct Notices(Mutex<BTreeMap<&'static str, Notice>>);

/// Says it in a window of its own.
pub(crate) fn show(app: &AppHandle, notice: &Notice) {
    let label = notice.label;
    {
        let state = app.state::<Notices>();
        let mut open = state.0.lock().unwrap_or_else(PoisonError::into_inner);
        open.insert(label, notice.clone());
    }
    if let Some(open) = app.get_webview_window(label) {
        drop(open.set_focus());
        return;
    }
    if let Err(error) = build(app, notice) {
        tracing::warn!(%error, title = notice.title, "notice could not be shown");
    }
}

fn build(app: &AppHandle, notice: &Notice) -> tauri::Result<()> {
    let label = notice.label;
    let address: Url = match format!("{SCHEME}://localhost/{label}").parse() {
        Ok(address) => address,
        Err(error) => return Err(tauri::Error::InvalidUrl(error)),
    };
    let handle = app.clone();
    WebviewWindowBuilder::new(app, label, WebviewUrl::CustomProtocol(address))
        .title(format!("Covey: {}", notice.title))
        .inner_size(560.0, 380.0)
        .resizable(true)
        .on_navigation(move |url| {
            let Some(choice) = chosen(url) else { return is_notice(url) };
            act(&handle, label, choice);
            false
        })
        .build()
        .map(drop)
}

fn is_notice(url: &Url) -> bool {
    url.scheme() == SCHEME || url.host_str() == Some("notice.localhost")
}

/// The choice behind a button's address.
fn chosen(url: &Url) -> Option<Choice> {
    let word = url.path().strip_prefix("/choose/").filter(|_| is_notice(url))?;
    Choice::ALL.into_iter().find(|choice| choice.word() == word)
}

fn act(app: &AppHandle, label: &str, choice: Choice) {
    if let Some(notice) = app.get_webview_window(label) {
        drop(notice.destroy());
    }
    match choice {
        Choice::Understood => {}
        Choice::Stay => window::show(app),
        Choice::Quit => closing::quit(app),
        Choice::Restart => app.request_restart(),
    }
}

/// Answers the web view that asks for a notice's page.
pub(crate) fn answer(app: &AppHandle, request: &Request<Vec<u8>>) -> Response<Vec<u8>> {
    let state = app.state::<Notices>();
    let open = state.0.lock().unwrap_or_else(PoisonError::into_inner);
    let label = request.uri().path().trim_start_matches('/');
    let page = open.get(label).map_or_else(String::new, page);
    let mut response = Response::new(page.into_bytes());
    let headers = response.headers_mut();
    headers
        .insert(header::CONTENT_TYPE, header::HeaderValue::from_static("text/html; charset=utf-8"));
    let policy = header::HeaderValue::from_static("default-src 'none'; style-src 'unsafe-inline'");
    headers.insert(header::CONTENT_SECURITY_POLICY, policy);
    response
}

const STYLE: &str = "
:root { color-scheme: light dark; font: 15px/1.5 system-ui, sans-serif }
body { margin: 0; padding: 28px 32px; background: light-dark(#fff, #101419);
  color: light-dark(#171b21, #e6eaf0) }
h1 { font-size: 20px; margin: 0 0 12px }
p { margin: 0 0 12px }
pre { white-space: pre-wrap; overflow-wrap: anywhere; padding: 10px 12px; border-radius: 6px;
  background: light-dark(#f4f6f8, #181e25); font-size: 13px }
nav { display: flex; gap: 12px; margin-top: 20px }
a { padding: 8px 16px; border-radius: 6px; text-decoration: none; color: inherit;
  border: 1px solid light-dark(#7b8591, #7f8a97) }
a:first-child { background: #0a66c2; border-color: #0a66c2; color: #fff }
a:focus-visible { outline: 3px solid light-dark(#0a66c2, #6cc5ff); outline-offset: 2px }
";

fn page(notice: &Notice) -> String {
    let title = escaped(&notice.title);
    let text: Vec<String> =
        notice.text.iter().map(|line| format!("<p>{}</p>", escaped(line))).collect();
    let detail = match notice.detail.as_str() {
        "" => String::new(),
        detail => format!("<pre>{}</pre>", escaped(detail)),
    };
    let choices: Vec<String> = notice
        .choices
        .iter()
        .map(|choice| {
            format!(
                "<a role=\"button\" href=\"/choose/{}\">{}</a>",
                choice.word(),
                choice.caption()
            )
        })
        .collect();
    format!(
        "<!doctype html><html lang=\"en\"><head><meta charset=\"utf-8\"><title>{title}</title>\
         <style>{STYLE}</style></head><body><main><h1>{title}</h1>{}{detail}<nav>{}</nav></main>\
         </body></html>",
        text.concat(),
        choices.concat()
    )
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn page_shows_text_as_text() {
        let notice = Notice {
            label: "failure",
            title: "<b>".to_owned(),
            text: vec!["a & b".to_owned()],
            detail: String::new(),
            choices: &[Choice::Restart, Choice::Quit],
        };

        let page = page(&notice);

        assert!(page.contains("<h1>&lt;b&gt;</h1><p>a &amp; b</p><nav>"), "{page}");
        assert!(page.contains("href=\"/choose/restart\">Try again<"), "{page}");
    }

    #[test]
    fn button_is_known_by_its_address_and_only_on_a_notice() {
        let choice = |text: &str| chosen(&text.parse().unwrap());

        assert_eq!(choice("notice://localhost/choose/quit"), Some(Choice::Quit));
        assert_eq!(choice("http://notice.localhost/choose/stay"), Some(Choice::Stay));
        assert_eq!(choice("notice://localhost/failure"), None);
        assert_eq!(choice("https://example.org/choose/quit"), None);
    }
}
