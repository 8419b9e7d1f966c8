//! What goes to the terminal: results to standard output, all else to standard error.

use std::{
    error::Error as _,
    io::{self, Write as _},
    process::ExitCode,
    sync::atomic::{AtomicBool, Ordering},
};

use serde::Serialize;

use super::CliError;

/// The way out.
#[derive(Debug)]
pub(super) struct Out {
    /// Whether a program reads the results.
    pub(super) json: bool,
    closed: AtomicBool,
}

impl Out {
    pub(super) fn new(json: bool) -> Self {
        Self { json, closed: AtomicBool::new(false) }
    }

    /// A line of a result; what others named is made harmless first.
    pub(super) fn line(&self, text: &str) {
        self.text(&clean(text));
    }

    /// A result as it is.
    pub(super) fn text(&self, text: &str) {
        let mut stdout = io::stdout().lock();
        if writeln!(stdout, "{text}").and_then(|()| stdout.flush()).is_err() {
            self.closed.store(true, Ordering::Relaxed);
        }
    }

    /// Whether the reader of the results went, as in `covey events tail | head`.
    pub(super) fn closed(&self) -> bool {
        self.closed.load(Ordering::Relaxed)
    }

    /// A result as one line of JSON.
    pub(super) fn json_line<T: Serialize>(&self, value: &T) {
        self.text(&crate::control::to_json(value).to_string());
    }

    /// A result: JSON for programs, or what `text` makes of it for people.
    pub(super) fn result<T: Serialize>(&self, value: &T, text: impl FnOnce() -> String) {
        if self.json {
            self.text(&format!("{:#}", crate::control::to_json(value)));
        } else {
            let text = text();
            for line in text.lines() {
                self.line(line);
            }
        }
    }

    /// That a wish was granted: said to people, while a program has the exit code.
    pub(super) fn done(&self, text: &str) {
        if self.json {
            self.text("{}");
        } else {
            self.line(text);
        }
    }

    /// Beside the result: progress and hints.
    pub(super) fn note(&self, text: &str) {
        // There is nowhere else to say it.
        drop(writeln!(io::stderr().lock(), "{}", clean(text)));
    }

    /// Says why a verb failed, and with which exit code.
    pub(super) fn fail(&self, error: &CliError) -> ExitCode {
        let mut text = format!("covey: {error}");
        let mut source = error.source();
        while let Some(cause) = source {
            text = format!("{text}: {cause}");
            source = cause.source();
        }
        self.note(&text);
        if let (true, CliError::Refused(refusal)) = (self.json, error) {
            self.json_line(&serde_json::json!({ "error": refusal }));
        }
        error.exit_code()
    }
}

/// A table with its columns aligned to the widest cell; to the right where the title starts with
/// `>`.
pub(super) fn table(head: &[&str], rows: &[Vec<String>]) -> String {
    let titles = head.iter().map(|title| title.trim_start_matches('>').to_owned()).collect();
    let cleaned = |row: &Vec<String>| row.iter().map(|cell| clean(cell)).collect();
    let lines: Vec<Vec<String>> = [titles].into_iter().chain(rows.iter().map(cleaned)).collect();
    let width = |column: usize| {
        let cells = lines.iter().filter_map(|line| line.get(column));
        cells.map(|cell| cell.chars().count()).max().unwrap_or(0)
    };
    let columns: Vec<(usize, bool)> =
        head.iter().enumerate().map(|(i, title)| (width(i), title.starts_with('>'))).collect();
    let padded = |(cell, (width, right)): (&String, &(usize, bool))| {
        let space = " ".repeat(width.saturating_sub(cell.chars().count()));
        if *right { format!("{space}{cell}") } else { format!("{cell}{space}") }
    };
    let text = |line: &Vec<String>| {
        let cells: Vec<_> = line.iter().zip(&columns).map(padded).collect();
        cells.join("  ").trim_end().to_owned()
    };
    lines.iter().map(text).collect::<Vec<_>>().join("\n")
}

/// The text without characters that steer a terminal: names and lines come from other machines.
pub(super) fn clean(text: &str) -> String {
    text.chars().map(|c| if c.is_control() && c != '\t' { '\u{fffd}' } else { c }).collect()
}
