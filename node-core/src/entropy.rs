//! Randomness from the operating system; nothing else in the shell reads it for the node.

/// `N` bytes that nobody can guess.
///
/// # Errors
///
/// The operating system has no source of randomness; no node can start without one.
pub fn bytes<const N: usize>() -> Result<[u8; N], EntropyError> {
    let mut bytes = [0; N];
    getrandom::fill(&mut bytes)?;
    Ok(bytes)
}

/// The operating system gives no randomness.
#[derive(Debug, thiserror::Error)]
#[error("the operating system gives no randomness")]
pub struct EntropyError(#[from] getrandom::Error);
