//! What goes to the terminal: results to standard output, all else to standard error.

use std::{
    error::Error as _,
    io::{self, Write as _},
    process::ExitCode,
};

use serde::Serialize;

use super::CliError;

/// The way out.
#[derive(Debug)]
pub(super) struct Out {
    /// Whether a program reads the results.
    pub(super) json: bool,
}

impl Out {
    pub(super) fn new(json: bool) -> Self {
        Self { json }
    }

    /// A line of a result; what others named is made harmless first.
    pub(super) fn line(&self, text: &str) {
        self.text(&clean(text));
    }

    /// A result as it is.
    pub(super) fn text(&self, text: &str) {
        let mut stdout = io::stdout().lock();
        if writeln!(stdout, "{text}").and_then(|()| stdout.flush()).is_err() {
            // The reader went (`covey nodes | head`): there is nobody left to tell.
            drop(stdout);
        }
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
        // As in `text`; and notes are no result.
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

/// A table with its columns aligned to the widest cell, numbers to the right.
pub(super) fn table(head: &[&str], rows: &[Vec<String>]) -> String {
    let rows: Vec<Vec<String>> =
        rows.iter().map(|row| row.iter().map(|cell| clean(cell)).collect()).collect();
    let width = |column: usize, title: &str| {
        let cells = rows.iter().filter_map(|row| row.get(column));
        cells.map(|cell| cell.chars().count()).chain([title.chars().count()]).max().unwrap_or(0)
    };
    let numeric = |column: usize| {
        let mut cells = rows.iter().filter_map(|row| row.get(column)).filter(|cell| *cell != "-");
        cells.clone().count() > 0
            && cells.all(|cell| cell.starts_with(|first: char| first.is_ascii_digit()))
    };
    let columns: Vec<(usize, bool)> =
        head.iter().enumerate().map(|(i, title)| (width(i, title), numeric(i))).collect();
    let line = |cells: &mut dyn Iterator<Item = &str>| {
        let padded = cells.zip(&columns).map(|(cell, (width, right))| {
            let space = " ".repeat(width.saturating_sub(cell.chars().count()));
            if *right { format!("{space}{cell}") } else { format!("{cell}{space}") }
        });
        padded.collect::<Vec<_>>().join("  ").trim_end().to_owned()
    };
    let mut lines = vec![line(&mut head.iter().copied())];
    lines.extend(rows.iter().map(|row| line(&mut row.iter().map(String::as_str))));
    lines.join("\n")
}

/// The text without characters that steer a terminal: names and lines come from other machines.
pub(super) fn clean(text: &str) -> String {
    text.chars().map(|c| if c.is_control() && c != '\t' { '\u{fffd}' } else { c }).collect()
}
