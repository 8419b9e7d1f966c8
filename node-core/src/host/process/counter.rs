//! Where a program's requests are answered, several at a time.

use std::sync::Arc;

use bytes::Bytes;
use tokio::task::JoinSet;

use super::message;
use crate::host::{
    desk::{Declined, Desk},
    life::{Body, Life},
};

/// The requests of one life. When it is dropped, nobody is answered any more.
#[derive(Debug)]
pub(super) struct Counter {
    desk: Arc<dyn Desk>,
    pub(super) life: Arc<Life>,
    served: JoinSet<()>,
}

impl Counter {
    pub(super) fn new(desk: &Arc<dyn Desk>, life: &Arc<Life>) -> Self {
        Self { desk: Arc::clone(desk), life: Arc::clone(life), served: JoinSet::new() }
    }

    /// Answers a request when it is done; `id` is as the program wrote it.
    pub(super) fn serve(&mut self, id: String, method: String, params: Bytes) {
        while self.served.try_join_next().is_some() {}
        let life = Arc::clone(&self.life);
        if self.served.len() >= Declined::AT_ONCE {
            tell(&life, message::answer(&id, Err(Declined::busy())));
            return;
        }
        let desk = Arc::clone(&self.desk);
        self.served.spawn(async move {
            let asked = desk.ask(life.asker(), &method, params).await;
            tell(&life, message::answer(&id, asked));
        });
    }
}

fn tell(life: &Life, line: Vec<u8>) {
    if let Body::Process(mailbox) = &life.body {
        mailbox.tell(line);
    }
}
