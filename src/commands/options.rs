//! The options that every command takes, and what follows from them: where the cache is, how the network and joins are
//! computed.

use std::ffi::OsString;
use std::num::NonZero;
use std::path::PathBuf;

use clap::Args;

use super::words::one_of;
use crate::dataset::Exclude;
use crate::error::{Error, Result};
use crate::home::UserFolder;
use crate::join::{Engine, Plan};
use crate::preferences::Config;
use crate::simd::Instructions;
use crate::terminal::{ColourChoice, ProtocolChoice, TerminalChoices};
use crate::vgg16::NetworkOptions;

/// The datasets directory, if none is given.
const DATASETS: &str = "./datasets";

#[derive(Debug, Args)]
#[command(next_help_heading = "Options of all commands")]
pub struct GlobalOptions {
    /// The datasets directory: every folder in it is a dataset [default: ./datasets]
    #[arg(long, global = true, value_name = "DIR", env = "SIMAGES_DATASETS", hide_env_values = true)]
    pub datasets: Option<OsString>,

    /// Leave out what GLOB matches: *.tif, raw/, /2019; may be given several times
    ///
    /// As a line of a .gitignore in each dataset's folder: without a slash it matches at any depth, with one at the end
    /// only folders. A file .simagesignore in any folder holds such lines for good.
    #[arg(long, global = true, value_name = "GLOB")]
    exclude: Vec<String>,

    /// VGG-16 weights, a safetensors file with torchvision's names [default: those in the program]
    #[arg(long, global = true, value_name = "FILE", env = "SIMAGES_WEIGHTS", hide_env_values = true)]
    weights: Option<OsString>,

    /// Threads that compute descriptors [default: as many as the processors run at a time]
    #[arg(long, global = true, value_name = "N", value_parser = threads)]
    pub threads: Option<NonZero<usize>>,

    /// The instruction set to compute with; see SIMAGES_CPU
    #[arg(long, global = true, hide = true, value_name = "NAME", env = "SIMAGES_CPU")]
    cpu: Option<String>,

    /// The way that set joins are computed; see SIMAGES_PLAN
    #[arg(long, global = true, hide = true, value_name = "NAME", env = "SIMAGES_PLAN")]
    plan: Option<String>,

    /// Append what happens to this file
    #[arg(long, global = true, value_name = "FILE", env = "SIMAGES_LOG", hide_env_values = true)]
    pub log: Option<PathBuf>,

    /// How pictures are shown in the terminal
    #[arg(long, global = true, help = protocol_help())]
    #[arg(value_parser = one_of(ProtocolChoice::all().map(|p| (p.name(), p))))]
    #[arg(default_value = ProtocolChoice::Auto.name(), hide_possible_values = true)]
    protocol: ProtocolChoice,

    /// The colours that the terminal has
    #[arg(long, global = true, value_name = "COLORS", help = colours_help())]
    #[arg(value_parser = one_of(ColourChoice::all().map(|c| (c.name(), c))))]
    #[arg(default_value = ColourChoice::Auto.name(), hide_possible_values = true)]
    colors: ColourChoice,
}

fn threads(typed: &str) -> std::result::Result<NonZero<usize>, String> {
    typed.parse().map_err(|_| "a number of threads is wanted, 1 or more".to_owned())
}

fn protocol_help() -> String {
    format!("How pictures are shown in the terminal: {}", in_words(ProtocolChoice::all().map(ProtocolChoice::name)))
}

fn colours_help() -> String {
    format!("The colours that the terminal has: {}", in_words(ColourChoice::all().map(ColourChoice::name)))
}

fn in_words(names: impl Iterator<Item = &'static str>) -> String {
    let names: Vec<_> = names.collect();
    let (last, others) = names.split_last().expect("there are some");
    format!("{} or {last}", others.join(", "))
}

impl GlobalOptions {
    /// What is wanted of the terminal.
    pub fn terminal(&self) -> TerminalChoices {
        TerminalChoices { protocol: self.protocol, colours: self.colors }
    }

    /// What the user has configured.
    pub fn config(&self) -> Result<Config> {
        config_file().map_or_else(|| Ok(Config::default()), |file| Config::read(&file))
    }

    /// The datasets directory; it need not exist.
    pub fn directory(&self) -> PathBuf {
        // A broken configuration is reported by `exclude`.
        let configured = || self.config().ok()?.datasets.filter(|_| self.datasets.is_none());
        given(&self.datasets).or_else(configured).unwrap_or_else(|| DATASETS.into())
    }

    /// By an option: a configured one is only the default.
    pub fn is_directory_given(&self) -> bool {
        given(&self.datasets).is_some()
    }

    /// What of datasets isn't looked at.
    pub fn exclude(&self) -> Result<Exclude> {
        Exclude::new(&[self.config()?.exclude, self.exclude.clone()].concat())
    }

    /// How descriptors are computed.
    pub fn network(&self) -> Result<NetworkOptions> {
        let default = NetworkOptions::default();
        Ok(NetworkOptions {
            weights: given(&self.weights),
            instructions: self.instructions()?,
            threads: self.threads.unwrap_or(default.threads),
            in_background: false,
        })
    }

    /// How joins are computed.
    pub fn engine(&self) -> Result<Engine> {
        let default = Engine::default();
        let plan = self.plan.as_deref().filter(|name| !name.is_empty()).map(|name| {
            let names = Plan::ALL.map(Plan::name).join(", ");
            Plan::named(name).ok_or_else(|| Error::Input(format!("SIMAGES_PLAN: there is no {name}; there is {names}")))
        });
        let instructions = self.instructions()?.unwrap_or(default.instructions);
        Ok(Engine { instructions, plan: plan.transpose()?, ..default })
    }

    /// What SIMAGES_CPU forces.
    fn instructions(&self) -> Result<Option<Instructions>> {
        let Some(name) = self.cpu.as_deref().filter(|name| !name.is_empty()) else { return Ok(None) };
        let named = Instructions::named(name).ok_or_else(|| {
            let here: Vec<_> = Instructions::available().iter().map(|i| i.name()).collect();
            Error::Input(format!("SIMAGES_CPU: there is no {name} on this processor; there is {}", here.join(", ")))
        });
        named.map(Some)
    }
}

/// The user's cache folder for SIMages, which need not exist: `$XDG_CACHE_HOME/simages`, or `~/.cache/simages`.
pub fn cache() -> PathBuf {
    UserFolder::CACHE.path_or_temporary()
}

/// The user's data folder for SIMages, which need not exist: `$XDG_DATA_HOME/simages`, or `~/.local/share/simages`.
pub fn data() -> PathBuf {
    UserFolder::DATA.path_or_temporary()
}

/// The user's configuration, which need not exist: `$XDG_CONFIG_HOME/simages/config.toml`. None without a home folder.
pub fn config_file() -> Option<PathBuf> {
    Some(UserFolder::CONFIG.path()?.join("config.toml"))
}

/// Where the screens' settings of the last time are, if there is a home: `$XDG_STATE_HOME/simages/settings.toml`.
pub fn last_settings() -> Option<PathBuf> {
    Some(UserFolder::STATE.path()?.join("settings.toml"))
}

/// A variable that is set to nothing counts as not set.
fn given(value: &Option<OsString>) -> Option<PathBuf> {
    value.as_ref().filter(|value| !value.is_empty()).map(PathBuf::from)
}
