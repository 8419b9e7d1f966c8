//! From what was typed to the specification of an agent.

use std::{
    fs,
    path::{Path, PathBuf},
};

use covey_logic::agent::{AgentSpec, Runtime, SpecFile};
use serde_json::Value;

use super::{CliError, args::StartArgs};

/// The specification that `args` describe, its files read.
pub(super) fn of(args: &StartArgs) -> Result<AgentSpec, CliError> {
    let mut spec = match (&args.spec, args.builtin) {
        (Some(path), _) => from_file(path, args)?,
        (None, Some(builtin)) => fresh(args, Runtime::Builtin { agent: builtin.into() })?,
        (None, None) => {
            let files = args.file.iter().map(|text| named_file(text));
            let files = files.collect::<Result<_, _>>()?;
            let (command, env) = (args.command.clone(), args.env.iter().cloned().collect());
            fresh(args, Runtime::Process { command, env, files })?
        }
    };
    spec.capabilities.extend(args.cap.iter().cloned());
    spec.placement.os.extend(args.os.iter().cloned());
    spec.placement.arch.extend(args.arch.iter().cloned());
    spec.placement.labels.extend(args.label.iter().cloned());
    args.place.apply(&mut spec);
    if let Some(policy) = args.restart {
        spec.restart.policy = policy.into();
    }
    spec.check().map_err(|error| CliError::Usage(error.to_string()))?;
    Ok(spec)
}

fn fresh(args: &StartArgs, runtime: Runtime) -> Result<AgentSpec, CliError> {
    let nobody = || CliError::Usage("say what it is called by".to_owned());
    Ok(AgentSpec::new(args.name.clone().ok_or_else(nobody)?, runtime))
}

/// Reads a specification in which `runtime.files` may be paths, relative to the file's folder.
fn from_file(path: &Path, args: &StartArgs) -> Result<AgentSpec, CliError> {
    let usage = |error: &dyn std::fmt::Display| {
        CliError::Usage(format!("{} is no specification: {error}", path.display()))
    };
    let text = fs::read_to_string(path).map_err(|error| usage(&error))?;
    let mut spec: Value = serde_json::from_str(&text).map_err(|error| usage(&error))?;
    let fields = spec.as_object_mut().ok_or_else(|| usage(&"expected an object"))?;
    if let Some(asked) = &args.name {
        let name = fields.entry("name").or_insert_with(|| asked.as_str().into());
        if name != asked.as_str() {
            return Err(usage(&format!("it names {name}, not \"{asked}\"")));
        }
    }
    let folder = path.parent().unwrap_or(Path::new("."));
    let files = fields.get_mut("runtime").and_then(|runtime| runtime.get_mut("files"));
    for file in files.and_then(Value::as_array_mut).into_iter().flatten() {
        if let Some(inside) = file.as_str().map(str::to_owned) {
            let read = read_file(&folder.join(&inside), inside)?;
            *file = crate::control::to_json(&read);
        }
    }
    serde_json::from_value(spec).map_err(|error| usage(&error))
}

/// `FROM`, or `FROM=NAME`.
fn named_file(text: &str) -> Result<SpecFile, CliError> {
    let (from, name) = match text.rsplit_once('=') {
        Some((from, name)) => (PathBuf::from(from), name.to_owned()),
        None => {
            let name = Path::new(text).file_name().and_then(|name| name.to_str());
            let name = name.ok_or_else(|| CliError::Usage(format!("{text:?} names no file")))?;
            (PathBuf::from(text), name.to_owned())
        }
    };
    read_file(&from, name)
}

fn read_file(from: &Path, path: String) -> Result<SpecFile, CliError> {
    let usage = |error: std::io::Error| {
        CliError::Usage(format!("cannot read the file {}: {error}", from.display()))
    };
    let size = fs::metadata(from).map_err(usage)?.len();
    if size > AgentSpec::MAX_FILES_SIZE as u64 {
        let max = AgentSpec::MAX_FILES_SIZE;
        let text = format!("{} has {size} bytes; {max} may travel with an agent", from.display());
        return Err(CliError::Usage(text));
    }
    let contents = fs::read(from).map_err(usage)?.into();
    Ok(SpecFile { path, contents, executable: executable(from) })
}

#[cfg(unix)]
fn executable(path: &Path) -> bool {
    use std::os::unix::fs::PermissionsExt as _;
    fs::metadata(path).is_ok_and(|metadata| metadata.permissions().mode() & 0o111 != 0)
}

/// Where files have no such mark, scripts name their interpreter.
#[cfg(not(unix))]
fn executable(path: &Path) -> bool {
    path.extension().is_some_and(|extension| extension == "exe")
}
