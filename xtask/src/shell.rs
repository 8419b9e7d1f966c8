//! Running other programs, and saying which.

use std::{
    ffi::{OsStr, OsString},
    fmt, io,
    path::{Path, PathBuf},
    process::{Command, Output, Stdio},
    sync::atomic::{AtomicBool, Ordering},
};

use crate::places;

/// Why a task ended early.
#[derive(Debug)]
pub(crate) enum Failure {
    /// The command line makes no sense: the text says what would.
    Usage(String),
    /// Something that the machine lacks, and the command or the step that adds it.
    Missing(String),
    /// A program could not be started.
    Start { program: String, source: io::Error },
    /// A program ended with an error; it has said why.
    Program { command: String },
    /// A file could not be read or written.
    File { path: PathBuf, source: io::Error },
    /// A check found something; each line is a finding.
    Findings { check: &'static str, lines: Vec<String> },
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Usage(text) | Self::Missing(text) => f.write_str(text),
            Self::Start { program, source } => write!(f, "{program} did not start: {source}"),
            Self::Program { command } => write!(f, "failed: {command}"),
            Self::File { path, source } => write!(f, "{}: {source}", path.display()),
            Self::Findings { check, lines } => write!(f, "{check}:\n{}", lines.join("\n")),
        }
    }
}

/// A program with its arguments, run in the root of the tree unless said otherwise.
#[derive(Debug)]
pub(crate) struct Cmd {
    command: Command,
    shown: Vec<String>,
    folder: PathBuf,
}

/// A call of `program`.
pub(crate) fn cmd(program: &str) -> Cmd {
    let root = places::root();
    let mut command = Command::new(resolve(program));
    command.current_dir(&root);
    Cmd { command, shown: vec![program.to_owned()], folder: root }
}

/// A call of the cargo that runs this task.
pub(crate) fn cargo() -> Cmd {
    cmd("cargo")
}

/// Windows finds `npm.cmd` only by its full name.
fn resolve(program: &str) -> OsString {
    match program {
        "cargo" => std::env::var_os("CARGO").unwrap_or_else(|| program.into()),
        "npm" if cfg!(windows) => "npm.cmd".into(),
        _ => program.into(),
    }
}

impl Cmd {
    /// Adds arguments that are separated by spaces.
    pub(crate) fn words(mut self, words: &str) -> Self {
        for word in words.split_whitespace() {
            self = self.arg(word);
        }
        self
    }

    /// Adds one argument as it is.
    pub(crate) fn arg(mut self, argument: impl AsRef<OsStr>) -> Self {
        self.shown.push(argument.as_ref().to_string_lossy().into_owned());
        self.command.arg(argument);
        self
    }

    /// Adds arguments as they are.
    pub(crate) fn args<A: AsRef<OsStr>>(mut self, arguments: &[A]) -> Self {
        for argument in arguments {
            self = self.arg(argument);
        }
        self
    }

    /// Sets a variable of the environment.
    pub(crate) fn env(mut self, name: &str, value: impl AsRef<OsStr>) -> Self {
        self.shown.insert(0, format!("{name}={}", value.as_ref().to_string_lossy()));
        self.command.env(name, value);
        self
    }

    /// Sets a variable of the environment that the shown line leaves out.
    pub(crate) fn env_quietly(mut self, name: &str, value: impl AsRef<OsStr>) -> Self {
        self.command.env(name, value);
        self
    }

    /// Runs it in another folder.
    pub(crate) fn folder(mut self, folder: impl AsRef<Path>) -> Self {
        self.folder = places::root().join(folder);
        self.command.current_dir(&self.folder);
        self
    }

    /// The line a person would type.
    pub(crate) fn line(&self) -> String {
        let words: Vec<String> = self.shown.iter().map(|word| quoted(word)).collect();
        let place = self.folder.strip_prefix(places::root()).unwrap_or(&self.folder);
        if place.as_os_str().is_empty() {
            words.join(" ")
        } else {
            format!("(cd {} && {})", place.display(), words.join(" "))
        }
    }

    /// Says the line, then runs it to its end with this terminal.
    pub(crate) fn run(self) -> Result<(), Failure> {
        say(&format!("  $ {}", self.line()));
        self.finish()
    }

    /// Like [`run`](Self::run), with the line on standard error: what it prints is for programs.
    pub(crate) fn run_aside(self) -> Result<(), Failure> {
        complain(&format!("  $ {}", self.line()));
        self.finish_here()
    }

    fn finish(mut self) -> Result<(), Failure> {
        if ASIDE.load(Ordering::Relaxed) {
            self.command.stdout(io::stderr());
        }
        self.finish_here()
    }

    fn finish_here(mut self) -> Result<(), Failure> {
        let status = self.command.status().map_err(|source| self.not_started(source))?;
        if status.success() { Ok(()) } else { Err(Failure::Program { command: self.line() }) }
    }

    /// Runs it to its end without a word; tells what it wrote.
    pub(crate) fn read(mut self) -> Result<String, Failure> {
        let output = self.output()?;
        if output.status.success() {
            Ok(String::from_utf8_lossy(&output.stdout).into_owned())
        } else {
            complain(&String::from_utf8_lossy(&output.stderr));
            Err(Failure::Program { command: self.line() })
        }
    }

    /// Runs it to its end without a word; tells what it wrote if it ended well.
    pub(crate) fn answer(mut self) -> Option<String> {
        let output = self.output().ok().filter(|output| output.status.success())?;
        Some(String::from_utf8_lossy(&output.stdout).trim().to_owned())
    }

    /// Runs it to its end without a word; tells how it ended and what it wrote.
    fn output(&mut self) -> Result<Output, Failure> {
        self.command.stdin(Stdio::null()).output().map_err(|source| self.not_started(source))
    }

    /// Whether it can be run and ends well, without a word.
    pub(crate) fn succeeds(mut self) -> bool {
        self.output().is_ok_and(|output| output.status.success())
    }

    fn not_started(&self, source: io::Error) -> Failure {
        Failure::Start { program: self.shown.first().cloned().unwrap_or_default(), source }
    }
}

fn quoted(word: &str) -> String {
    let plain = |c: char| c.is_ascii_alphanumeric() || "-_=./:,@+%*".contains(c);
    if !word.is_empty() && word.chars().all(plain) {
        word.to_owned()
    } else {
        format!("'{}'", word.replace('\'', r"'\''"))
    }
}

/// Reads a file as text.
pub(crate) fn read(path: &Path) -> Result<String, Failure> {
    std::fs::read_to_string(path).map_err(|source| at(path, source))
}

/// Names the file that an error is about.
pub(crate) fn at(path: &Path, source: io::Error) -> Failure {
    Failure::File { path: path.to_path_buf(), source }
}

/// Tells the person at the terminal.
#[expect(clippy::print_stdout, reason = "a task speaks to the terminal")]
pub(crate) fn say(text: &str) {
    if ASIDE.load(Ordering::Relaxed) { complain(text) } else { println!("{text}") }
}

/// From here on, what tasks say, and what programs that they run say, goes to standard error:
/// standard output is for one program's figures.
pub(crate) fn say_aside() {
    ASIDE.store(true, Ordering::Relaxed);
}

static ASIDE: AtomicBool = AtomicBool::new(false);

/// Tells the person at the terminal what went wrong.
#[expect(clippy::print_stderr, reason = "a task speaks to the terminal")]
pub(crate) fn complain(text: &str) {
    eprintln!("{text}");
}
