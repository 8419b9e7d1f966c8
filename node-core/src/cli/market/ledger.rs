//! Verbs about credits.

use covey_logic::economics::{
    Account,
    ledger::{PostingView, csv},
};

use super::{names, picture};
use crate::{
    cli::{
        CliError,
        args::{LedgerFormat, LedgerVerb},
        client::Client,
        out::Out,
    },
    control::{
        AuditLedger, CaptureHold, ExportLedger, GetStatement, GetStatus, HoldCredits, IssueCredits,
        ListAccounts, ListHolds, ReleaseHold, TransferCredits,
    },
};

pub(in crate::cli) async fn ledger(
    client: &Client,
    out: &Out,
    verb: LedgerVerb,
) -> Result<(), CliError> {
    match verb {
        LedgerVerb::Accounts => {
            let accounts = client.ask(&ListAccounts { stale: false }).await?;
            let names = names(client, out).await?;
            out.result(&accounts, || picture::accounts(&accounts, &names));
        }
        LedgerVerb::Statement { account, limit } => {
            return statement(client, out, account, limit).await;
        }
        LedgerVerb::Issue { to, amount } => {
            let posted = client.ask(&IssueCredits { to, amount, key: None }).await?;
            out.result(&posted, || format!("issued, as posting {}", posted.posting));
        }
        LedgerVerb::Transfer { to, amount } => {
            let posted = client.ask(&TransferCredits { to, amount, key: None }).await?;
            out.result(&posted, || format!("transferred, as posting {}", posted.posting));
        }
        LedgerVerb::Hold { to, amount, span } => {
            let span_ms = u64::try_from(span.as_millis()).unwrap_or(u64::MAX);
            let held = client.ask(&HoldCredits { to, amount, span_ms, key: None }).await?;
            out.result(&held, || format!("held, as hold {}", held.hold));
        }
        LedgerVerb::Capture { hold, amount } => {
            let posted = client.ask(&CaptureHold { hold, amount, key: None }).await?;
            out.result(&posted, || format!("captured, as posting {}", posted.posting));
        }
        LedgerVerb::Release { hold } => {
            let posted = client.ask(&ReleaseHold { hold }).await?;
            out.result(&posted, || format!("released, as posting {}", posted.posting));
        }
        LedgerVerb::Holds => {
            let holds = client.ask(&ListHolds {}).await?;
            let names = names(client, out).await?;
            out.result(&holds, || picture::holds(&holds, &names));
        }
        LedgerVerb::Audit => return audit(client, out).await,
        LedgerVerb::Export { format } => return export(client, out, format).await,
    }
    Ok(())
}

async fn statement(
    client: &Client,
    out: &Out,
    account: Option<Account>,
    limit: u32,
) -> Result<(), CliError> {
    let account = match account {
        Some(account) => account,
        None => Account::Owner(client.ask(&GetStatus {}).await?.node),
    };
    let asked = GetStatement { account, limit: Some(limit), stale: false };
    let statement = client.ask(&asked).await?;
    let names = names(client, out).await?;
    out.result(&statement, || picture::statement(&statement, &names));
    Ok(())
}

async fn audit(client: &Client, out: &Out) -> Result<(), CliError> {
    let audit = client.ask(&AuditLedger {}).await?;
    out.result(&audit, || picture::audit(&audit));
    match audit.faults.as_slice() {
        [] => Ok(()),
        faults => Err(CliError::Failed(format!("{} faults in the books", faults.len()))),
    }
}

/// A page after the other, so that no answer is large.
async fn export(client: &Client, out: &Out, format: LedgerFormat) -> Result<(), CliError> {
    const PAGE: u32 = 5_000;

    let mut after = 0;
    let mut header = true;
    loop {
        let page = client.ask(&ExportLedger { after, limit: Some(PAGE) }).await?;
        let Some(last) = page.last() else { return Ok(()) };
        after = last.posting;
        print(out, format, &page, header);
        header = false;
        if out.closed() {
            return Ok(());
        }
    }
}

fn print(out: &Out, format: LedgerFormat, page: &[PostingView], header: bool) {
    match format {
        LedgerFormat::Ndjson => page.iter().for_each(|posting| out.json_line(posting)),
        LedgerFormat::Csv => {
            let table = csv(page);
            let skipped = usize::from(!header);
            table.lines().skip(skipped).for_each(|line| out.text(&format!("{line}\r")));
        }
    }
}
