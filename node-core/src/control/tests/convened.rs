//! A session without a group.

use std::time::Duration;

use covey_logic::{
    Epoch, Name, Wall,
    agreed::Key,
    sessions::{self, Plan, Seat, SessionRow, SessionView, Sessions},
};

use super::double::{THIS, ready};
use crate::{
    consensus::ProposeError,
    control::{Convenes, UiError, backend::Answer},
};

/// One session that runs, number 1.
pub(super) struct Convened;

impl Convened {
    fn log() -> Sessions {
        let mut log = Sessions::default();
        let name = Name::new("adder").unwrap();
        let act = sessions::Act::Start(Box::new(Plan::new("vote", vec![name])));
        let mark = sessions::Mark { revision: 1, actor: THIS, at: Wall(1_000), clock: 0 };
        log.apply(mark, act, &mut Vec::new()).unwrap();
        log
    }
}

impl Convenes for Convened {
    fn agree(&self, act: sessions::Act, _: Option<Key>) -> Answer<'_, sessions::Done> {
        let mark = sessions::Mark { revision: 2, actor: THIS, at: Wall(1_000), clock: 0 };
        let mut log = Self::log();
        if matches!(act, sessions::Act::Assess { .. }) {
            let cancel = sessions::Act::Cancel { session: 1, reason: String::new() };
            log.apply(mark, cancel, &mut Vec::new()).unwrap();
        }
        let done = log.apply(mark, act, &mut Vec::new());
        let done = done.map_err(|refused| UiError::from(ProposeError::Refused(refused.into())));
        Box::pin(async move { done })
    }

    fn session(&self, id: u64, _: Duration) -> Answer<'_, Option<SessionView>> {
        ready(Self::log().get(id).map(|session| session.view(0)))
    }

    fn sessions(&self) -> Answer<'_, Vec<SessionRow>> {
        ready(Self::log().iter_running().map(|session| session.row(0)).collect())
    }

    fn seat(&self, _: &Name) -> Option<Seat> {
        Some(Seat { node: THIS, epoch: Epoch(4) })
    }

    fn own_seat(&self, agent: &Name) -> Option<Seat> {
        self.seat(agent)
    }

    fn unknown(&self, names: Vec<Name>) -> Answer<'_, Option<Name>> {
        ready(names.into_iter().find(|name| name.as_str() == "nobody"))
    }

    fn capable(&self, _: Vec<String>) -> Answer<'_, Vec<Name>> {
        ready(vec![Name::new("adder").unwrap()])
    }
}
