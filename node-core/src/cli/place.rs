//! Where an agent is to run, and how it stands to others, as typed.

use clap::{Args, ValueEnum};
use covey_logic::{
    Credits, Name,
    agent::{AgentSpec, Class, Dependency, Group, GroupStrategy, OnLoss, Strategy},
};

use super::args::credits;

/// Where an agent is to run, and how it stands to others.
#[derive(Debug, Default, Args)]
#[command(next_help_heading = "Placement and relations")]
pub(super) struct PlaceArgs {
    /// How its node is chosen
    #[arg(long, value_enum)]
    strategy: Option<StrategyArg>,
    /// A label its node must have, whatever the value
    #[arg(long, value_name = "LABEL")]
    needs: Vec<String>,
    /// Memory that must be free on its node
    #[arg(long, value_name = "MIB")]
    free_memory: Option<u32>,
    /// Processor time that must be idle on its node, in percent of one processor
    #[arg(long, value_name = "PERCENT")]
    free_cpu: Option<u32>,
    /// An agent whose node it shares
    #[arg(long, value_name = "AGENT")]
    near: Vec<Name>,
    /// An agent whose node it never shares
    #[arg(long, value_name = "AGENT")]
    apart: Vec<Name>,
    /// With `--strategy auction`: the most that is paid for a minute of each copy, in credits
    #[arg(long, value_name = "CREDITS", value_parser = credits)]
    pay: Option<Credits>,
    /// How many copies run, called NAME.1, NAME.2 and so on
    #[arg(long, value_name = "COUNT")]
    replicas: Option<u32>,
    /// With `--strategy spread`: the label whose values the copies are spread over
    #[arg(long, value_name = "LABEL")]
    spread_by: Option<String>,
    /// Where it runs while the cluster is split
    #[arg(long, value_enum)]
    class: Option<ClassArg>,
    /// Its supervision group
    #[arg(long, value_name = "GROUP")]
    group: Option<Name>,
    /// Which ends of its siblings end it too
    #[arg(long, value_enum, requires = "group", default_value = "one-for-one")]
    group_strategy: GroupStrategyArg,
    /// Its place in the group's order of starting
    #[arg(long, value_name = "NUMBER", requires = "group", default_value_t = 0)]
    order: u32,
    /// An agent it needs; `AGENT=stop` and `AGENT=restart` say what its loss means
    #[arg(long, value_name = "AGENT", value_parser = dependency)]
    depends_on: Vec<Dependency>,
}

impl PlaceArgs {
    /// Puts what was typed into a specification; what was not stays as it is.
    pub(super) fn apply(&self, spec: &mut AgentSpec) {
        let placement = &mut spec.placement;
        if let Some(strategy) = self.strategy {
            placement.strategy = strategy.into();
        }
        if let Some(most) = self.pay {
            placement.pay_per_minute = most;
        }
        placement.capabilities.extend(self.needs.iter().cloned());
        placement.near.extend(self.near.iter().cloned());
        placement.apart.extend(self.apart.iter().cloned());
        if let Some(mib) = self.free_memory {
            placement.free_memory_mib = mib;
        }
        if let Some(percent) = self.free_cpu {
            placement.free_cpu_percent = percent;
        }
        if let Some(label) = &self.spread_by {
            placement.spread_by = Some(label.clone());
        }
        if let Some(replicas) = self.replicas {
            spec.replicas = replicas;
        }
        if let Some(class) = self.class {
            spec.class = class.into();
        }
        if let Some(name) = &self.group {
            let strategy = self.group_strategy.into();
            spec.group = Some(Group { name: name.clone(), strategy, order: self.order });
        }
        spec.depends_on.extend(self.depends_on.iter().cloned());
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum StrategyArg {
    /// By name and weight, without knowing what else runs
    Rendezvous,
    /// On the node chosen with `--on`, and no other
    Pinned,
    /// Where most processor time is idle
    LeastLoaded,
    /// Where the fewest agents are, for the node's weight
    Spread,
    /// Anywhere
    Random,
    /// Where a second of work is asked least for
    Auction,
}

impl From<StrategyArg> for Strategy {
    fn from(arg: StrategyArg) -> Self {
        match arg {
            StrategyArg::Rendezvous => Self::Rendezvous,
            StrategyArg::Pinned => Self::Pinned,
            StrategyArg::LeastLoaded => Self::LeastLoaded,
            StrategyArg::Spread => Self::Spread,
            StrategyArg::Random => Self::Random,
            StrategyArg::Auction => Self::Auction,
        }
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum ClassArg {
    /// On every side; one copy remains after healing
    AnyPartition,
    /// On the side that sees more than half of the members
    MajorityOnly,
    /// Never twice at any moment
    Exclusive,
}

impl From<ClassArg> for Class {
    fn from(arg: ClassArg) -> Self {
        match arg {
            ClassArg::AnyPartition => Self::AnyPartition,
            ClassArg::MajorityOnly => Self::MajorityOnly,
            ClassArg::Exclusive => Self::Exclusive,
        }
    }
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
enum GroupStrategyArg {
    /// None
    #[default]
    OneForOne,
    /// Every one
    OneForAll,
    /// Those of siblings with a lower order
    RestForOne,
}

impl From<GroupStrategyArg> for GroupStrategy {
    fn from(arg: GroupStrategyArg) -> Self {
        match arg {
            GroupStrategyArg::OneForOne => Self::OneForOne,
            GroupStrategyArg::OneForAll => Self::OneForAll,
            GroupStrategyArg::RestForOne => Self::RestForOne,
        }
    }
}

/// `AGENT`, or `AGENT=ignore`, `=stop` or `=restart`.
fn dependency(text: &str) -> Result<Dependency, String> {
    let (on, loss) = match text.split_once('=') {
        None | Some((_, "ignore")) => (text.split('=').next().unwrap_or(text), OnLoss::Ignore),
        Some((on, "stop")) => (on, OnLoss::Stop),
        Some((on, "restart")) => (on, OnLoss::Restart),
        Some(_) => return Err("expected ignore, stop or restart after =".to_owned()),
    };
    let on = on.parse().map_err(|error: covey_logic::ids::IdError| error.to_string())?;
    Ok(Dependency { on, loss })
}

#[cfg(test)]
mod tests {
    use covey_logic::agent::OnLoss;

    use super::dependency;

    #[test]
    fn dependency_says_what_its_loss_means() {
        let read = |text| dependency(text).map(|it| (it.on.to_string(), it.loss));

        assert_eq!(read("db"), Ok(("db".to_owned(), OnLoss::Ignore)));
        assert_eq!(read("db=ignore"), Ok(("db".to_owned(), OnLoss::Ignore)));
        assert_eq!(read("lab/db=stop"), Ok(("lab/db".to_owned(), OnLoss::Stop)));
        assert_eq!(read("db=restart"), Ok(("db".to_owned(), OnLoss::Restart)));
        assert!(read("db=later").is_err());
        assert!(read("=stop").is_err());
    }
}
