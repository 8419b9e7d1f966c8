//! Commands about credits.

use std::time::Duration;

use covey_logic::{
    Credits,
    agreed::Agreed,
    economics::{
        Account, Done, Economics,
        ledger::{self, AccountView, Act, Audit, HoldView, PostingView, Statement},
    },
};
use serde::{Deserialize, Serialize};
use ts_rs::TS;

use super::{Asks, auction::freshness, key, odd};
use crate::control::UiError;

/// Lists accounts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(deny_unknown_fields)]
pub struct ListAccounts {
    /// Whether this node may answer from what it has, which may be old, without asking a majority.
    #[serde(default)]
    #[ts(optional, as = "Option<bool>")]
    pub stale: bool,
}

/// Explains the balance of an account.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(deny_unknown_fields)]
pub struct GetStatement {
    /// Which account.
    pub account: Account,
    /// How many of the newest changes; 100 if nothing is said, 20,000 at most.
    #[serde(default)]
    #[ts(optional)]
    pub limit: Option<u32>,
    /// Whether this node may answer from what it has, which may be old, without asking a majority.
    #[serde(default)]
    #[ts(optional, as = "Option<bool>")]
    pub stale: bool,
}

/// Puts new credits into an account.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(deny_unknown_fields)]
pub struct IssueCredits {
    /// Which account.
    pub to: Account,
    /// How many.
    pub amount: Credits,
    /// A key that makes it safe to ask again.
    #[serde(default)]
    #[ts(optional)]
    pub key: Option<String>,
}

/// Gives credits of one's own to another account.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(deny_unknown_fields)]
pub struct TransferCredits {
    /// To which.
    pub to: Account,
    /// How many.
    pub amount: Credits,
    /// A key that makes it safe to ask again.
    #[serde(default)]
    #[ts(optional)]
    pub key: Option<String>,
}

/// Sets credits of one's own aside for another account, which may take of them until the end.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(deny_unknown_fields)]
pub struct HoldCredits {
    /// For whom.
    pub to: Account,
    /// How many.
    pub amount: Credits,
    /// For how long, in milliseconds; 30 days at most. What was not taken then goes back.
    #[ts(type = "number")]
    pub span_ms: u64,
    /// A key that makes it safe to ask again.
    #[serde(default)]
    #[ts(optional)]
    pub key: Option<String>,
}

/// Credits that are set aside.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct CreditsHeld {
    /// The number of the hold.
    #[ts(type = "number")]
    pub hold: u64,
}

/// Takes of what is held for oneself; the rest goes back.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(deny_unknown_fields)]
pub struct CaptureHold {
    /// Which hold.
    #[ts(type = "number")]
    pub hold: u64,
    /// How much; all, if nothing is said.
    #[serde(default)]
    #[ts(optional)]
    pub amount: Option<Credits>,
    /// A key that makes it safe to ask again.
    #[serde(default)]
    #[ts(optional)]
    pub key: Option<String>,
}

/// Lets go of what is held for oneself.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(deny_unknown_fields)]
pub struct ReleaseHold {
    /// Which hold.
    #[ts(type = "number")]
    pub hold: u64,
}

/// Lists the holds that are open, those of auctions with them.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(deny_unknown_fields)]
pub struct ListHolds {}

/// Recomputes every balance, and says what is wrong.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(deny_unknown_fields)]
pub struct AuditLedger {}

/// Lists postings, oldest first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(deny_unknown_fields)]
pub struct ExportLedger {
    /// Those after this number; of those that are kept, which are the newest 20,000.
    #[serde(default)]
    #[ts(optional, as = "Option<u32>")]
    pub after: u64,
    /// How many; 1,000 if nothing is said, and 5,000 at most.
    #[serde(default)]
    #[ts(optional)]
    pub limit: Option<u32>,
}

/// Credits that changed hands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct Posted {
    /// The number of the posting.
    #[ts(type = "number")]
    pub posting: u64,
}

pub(in crate::control) async fn accounts(
    asks: &impl Asks,
    asked: ListAccounts,
) -> Result<Vec<AccountView>, UiError> {
    look(asks, asked.stale, |economics, _| economics.ledger().account_views()).await
}

pub(in crate::control) async fn statement(
    asks: &impl Asks,
    asked: GetStatement,
) -> Result<Statement, UiError> {
    let GetStatement { account, limit, stale } = asked;
    let limit = usize::try_from(limit.unwrap_or(100)).unwrap_or(usize::MAX);
    look(asks, stale, |economics, clock| economics.ledger().statement(&account, limit, clock)).await
}

pub(in crate::control) async fn issue(
    asks: &impl Asks,
    asked: IssueCredits,
) -> Result<Posted, UiError> {
    let IssueCredits { to, amount, key } = asked;
    posted(asks, Act::Issue { to, amount }, key).await
}

pub(in crate::control) async fn transfer(
    asks: &impl Asks,
    asked: TransferCredits,
) -> Result<Posted, UiError> {
    let TransferCredits { to, amount, key } = asked;
    let from = asks.market().party();
    posted(asks, Act::Transfer { from, to, amount }, key).await
}

pub(in crate::control) async fn hold(
    asks: &impl Asks,
    asked: HoldCredits,
) -> Result<CreditsHeld, UiError> {
    let HoldCredits { to, amount, span_ms, key: text } = asked;
    let market = asks.market();
    let span = Duration::from_millis(span_ms);
    let act = Act::Hold { from: market.party(), to, amount, span };
    match market.agree(act.into(), key(text)?).await? {
        Done::Ledger(ledger::Done::Held { hold, .. }) => Ok(CreditsHeld { hold }),
        other @ (Done::Ledger(_) | Done::Auction(_) | Done::Rent(_)) => Err(odd(&other)),
    }
}

pub(in crate::control) async fn capture(
    asks: &impl Asks,
    asked: CaptureHold,
) -> Result<Posted, UiError> {
    let CaptureHold { hold, amount, key } = asked;
    let by = asks.market().party();
    posted(asks, Act::Capture { hold, by, amount }, key).await
}

pub(in crate::control) async fn release(
    asks: &impl Asks,
    asked: ReleaseHold,
) -> Result<Posted, UiError> {
    let by = asks.market().party();
    posted(asks, Act::Release { hold: asked.hold, by }, None).await
}

pub(in crate::control) async fn holds(
    asks: &impl Asks,
    _: ListHolds,
) -> Result<Vec<HoldView>, UiError> {
    look(asks, false, |economics, clock| {
        let holds = economics.ledger().holds();
        holds.map(|(number, hold)| hold.view(number, clock)).collect()
    })
    .await
}

pub(in crate::control) async fn audit(asks: &impl Asks, _: AuditLedger) -> Result<Audit, UiError> {
    look_at_all(asks, false, |agreed, _| agreed.audit()).await
}

pub(in crate::control) async fn export(
    asks: &impl Asks,
    asked: ExportLedger,
) -> Result<Vec<PostingView>, UiError> {
    /// A megabyte of JSON.
    const MOST: u32 = 5_000;

    let limit = asked.limit.unwrap_or(1_000).min(MOST);
    let limit = usize::try_from(limit).unwrap_or(usize::MAX);
    look(asks, false, |economics, _| {
        let later = economics.ledger().postings().filter(|it| it.number > asked.after);
        later.take(limit).map(PostingView::from).collect()
    })
    .await
}

async fn look<T: Send>(
    asks: &impl Asks,
    stale: bool,
    look: impl FnOnce(&Economics, u64) -> T + Send,
) -> Result<T, UiError> {
    look_at_all(asks, stale, |agreed, clock| look(agreed.economics(), clock)).await
}

async fn look_at_all<T: Send>(
    asks: &impl Asks,
    stale: bool,
    look: impl FnOnce(&Agreed, u64) -> T + Send,
) -> Result<T, UiError> {
    let mut seen = None;
    let look = |agreed: &Agreed, clock: u64| seen = Some(look(agreed, clock));
    asks.market().look(freshness(stale), Box::new(look)).await?;
    // Whoever looked was called.
    seen.ok_or_else(|| crate::control::Cause::NoAnswer.into())
}

async fn posted(asks: &impl Asks, act: Act, text: Option<String>) -> Result<Posted, UiError> {
    match asks.market().agree(act.into(), key(text)?).await? {
        Done::Ledger(ledger::Done::Posted { posting }) => Ok(Posted { posting }),
        other @ (Done::Ledger(_) | Done::Auction(_) | Done::Rent(_)) => Err(odd(&other)),
    }
}
