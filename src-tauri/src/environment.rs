//! What the web view finds around it, and what must be mended before it starts.
//!
//! The environment of a running process cannot be changed safely, so the program starts itself
//! again in the mended one; the process id stays the same. What was mended needs no mending in the
//! second start, so there is no third.

#[cfg(target_os = "linux")]
pub(crate) use linux::{has_display, has_nameless_language, settle};

/// Other systems always have a display.
#[cfg(not(target_os = "linux"))]
pub(crate) fn has_display() -> bool {
    true
}

/// Other systems' web views need nothing.
#[cfg(not(target_os = "linux"))]
pub(crate) fn settle() {}

#[cfg(target_os = "linux")]
mod linux {
    use std::{env, fs, os::unix::process::CommandExt as _, process::Command};

    const PLAIN_RENDERER: &str = "WEBKIT_DISABLE_DMABUF_RENDERER";

    /// Without it, GTK ends the process instead of returning an error.
    pub(crate) fn has_display() -> bool {
        is_set("DISPLAY") || is_set("WAYLAND_DISPLAY")
    }

    /// Whether pages would be told that their language is `C`, which nothing that formats dates or
    /// numbers accepts: so `WebKit` reads a locale such as `C.UTF-8`.
    pub(crate) fn has_nameless_language() -> bool {
        let locale = ["LC_ALL", "LC_CTYPE", "LANG"].into_iter().find(|name| is_set(name));
        locale.and_then(|name| env::var(name).ok()).is_some_and(|locale| locale.starts_with("C."))
    }

    /// Starts the program again with the plain renderer where there is no render node: the
    /// accelerated one draws 3 to 5 times slower there. A person's own choice is kept.
    pub(crate) fn settle() {
        if env::var_os(PLAIN_RENDERER).is_some() || has_render_node() {
            return;
        }
        let Ok(program) = env::current_exe() else { return };
        let mut command = Command::new(program);
        command.args(env::args_os().skip(1)).env(PLAIN_RENDERER, "1");
        // Returns only if it failed; then the window still opens and draws slower.
        let error = command.exec();
        tracing::warn!(%error, "renderer could not be chosen");
    }

    fn has_render_node() -> bool {
        fs::read_dir("/dev/dri").is_ok_and(|entries| {
            entries
                .flatten()
                .any(|entry| entry.file_name().to_string_lossy().starts_with("renderD"))
        })
    }

    fn is_set(name: &str) -> bool {
        env::var_os(name).is_some_and(|value| !value.is_empty())
    }
}
