//! What agents ask of their node.

use std::fmt;

use bytes::Bytes;
use covey_logic::{Epoch, Name};
use futures::future::BoxFuture;

use super::CallError;

/// Answers what agents ask of their node.
pub trait Desk: fmt::Debug + Send + Sync + 'static {
    /// Does what an agent asks: a method and its parameters as JSON text, empty for none. The answer
    /// is JSON text. Dropped when the agent ends.
    fn ask(&self, agent: Asker, method: &str, params: Bytes) -> BoxFuture<'_, Asked>;
}

/// An agent that runs here, in one of its lives.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Asker {
    /// Which agent.
    pub name: Name,
    /// Which life.
    pub epoch: Epoch,
    /// What it can do, as its specification says.
    pub capabilities: std::sync::Arc<[String]>,
}

/// What is answered.
pub type Asked = Result<Bytes, Declined>;

/// Why an agent was not answered: an error of JSON-RPC 2.0, section 5.1.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Declined {
    /// The code.
    pub code: i64,
    /// What went wrong.
    pub message: String,
    /// More of it, as JSON text; empty for none.
    pub data: Bytes,
}

impl Declined {
    /// Requests of one agent that are being answered at a time.
    pub const AT_ONCE: usize = 64;
    /// What was asked cannot be done; the code is for the server to choose.
    pub const FAILED: i64 = -32_000;

    /// There is no such method.
    #[must_use]
    pub fn unknown(method: &str) -> Self {
        let message = format!("the node has no method {method}");
        Self { code: CallError::METHOD_NOT_FOUND, message, data: Bytes::new() }
    }

    /// The parameters are not those of the method.
    #[must_use]
    pub fn unfit(why: &str) -> Self {
        Self { code: CallError::INVALID_PARAMS, message: why.to_owned(), data: Bytes::new() }
    }

    /// As many requests are being answered as may.
    #[must_use]
    pub fn busy() -> Self {
        let message = format!("{} requests are being answered already", Self::AT_ONCE);
        Self { code: Self::FAILED, message, data: Bytes::new() }
    }
}
