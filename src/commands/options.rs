//! Options of all commands, and what follows from them: the cache folder, how the network runs, how joins run.

use std::ffi::OsString;
use std::io::Read;
use std::num::NonZero;
use std::path::{Path, PathBuf};

use clap::Args;
use clap::builder::{PathBufValueParser, TypedValueParser};

use super::words::one_of;
use crate::dataset::Exclude;
use crate::dataset::formats;
use crate::error::{Error, Result};
use crate::home::UserFolder;
use crate::join::{Engine, Plan};
use crate::preferences::Config;
use crate::simd::Instructions;
use crate::storage;
use crate::terminal::{ColourChoice, ProtocolChoice, TerminalChoices};
use crate::vgg16::NetworkOptions;
use crate::whole_file;

/// The datasets directory if none is given.
const DATASETS: &str = "./datasets";

#[derive(Debug, Args)]
#[command(next_help_heading = "Options of all commands")]
pub struct GlobalOptions {
    /// The datasets directory: each folder in it is a dataset [default: ./datasets]
    #[arg(long, global = true, value_name = "DIR", env = "SIMAGES_DATASETS", hide_env_values = true)]
    pub datasets: Option<OsString>,

    /// Exclude what matches GLOB: *.tif, raw/, /2019; may be given several times
    ///
    /// The pattern works like a line of a .gitignore in each dataset's folder: without a slash it matches at any depth;
    /// with a slash at the end it matches folders only. To exclude something for good, put such lines into a file
    /// .simagesignore in any folder.
    #[arg(long, global = true, value_name = "GLOB")]
    exclude: Vec<String>,

    /// VGG-16 weights: a safetensors file with torchvision's names [default: the built-in weights]
    #[arg(long, global = true, value_name = "FILE", env = "SIMAGES_WEIGHTS", hide_env_values = true)]
    weights: Option<OsString>,

    /// Threads that compute descriptors [default: one for each logical processor]
    #[arg(long, global = true, value_name = "N", value_parser = threads)]
    pub threads: Option<NonZero<usize>>,

    /// The instruction set; see SIMAGES_CPU
    #[arg(long, global = true, hide = true, value_name = "NAME", env = "SIMAGES_CPU")]
    cpu: Option<String>,

    /// How set joins are computed; see SIMAGES_PLAN
    #[arg(long, global = true, hide = true, value_name = "NAME", env = "SIMAGES_PLAN")]
    plan: Option<String>,

    /// Append a log to this file
    #[arg(long, global = true, value_name = "FILE", env = "SIMAGES_LOG", hide_env_values = true)]
    #[arg(value_parser = PathBufValueParser::new().try_map(a_log))]
    pub log: Option<PathBuf>,

    /// How to show pictures in the terminal
    #[arg(long, global = true, help = protocol_help())]
    #[arg(value_parser = one_of(ProtocolChoice::all().map(|p| (p.name(), p))))]
    #[arg(default_value = ProtocolChoice::Auto.name(), hide_possible_values = true)]
    protocol: ProtocolChoice,

    /// The terminal's colours
    #[arg(long, global = true, value_name = "COLORS", help = colours_help())]
    #[arg(value_parser = one_of(ColourChoice::all().map(|c| (c.name(), c))))]
    #[arg(default_value = ColourChoice::Auto.name(), hide_possible_values = true)]
    colors: ColourChoice,
}

fn threads(typed: &str) -> std::result::Result<NonZero<usize>, String> {
    typed.parse().map_err(|_| "expected a number of threads, 1 or more".to_owned())
}

fn protocol_help() -> String {
    format!("How to show pictures in the terminal: {}", in_words(ProtocolChoice::all().map(ProtocolChoice::name)))
}

fn colours_help() -> String {
    format!("The terminal's colours: {}", in_words(ColourChoice::all().map(ColourChoice::name)))
}

fn in_words(names: impl Iterator<Item = &'static str>) -> String {
    let names: Vec<_> = names.collect();
    let (last, others) = names.split_last().expect("there are some");
    format!("{} or {last}", others.join(", "))
}

impl GlobalOptions {
    /// What the user asked for about the terminal.
    pub fn terminal(&self) -> TerminalChoices {
        TerminalChoices { protocol: self.protocol, colours: self.colors }
    }

    /// The user's configuration.
    pub fn config(&self) -> Result<Config> {
        config_file().map_or_else(|| Ok(Config::default()), |file| Config::read(&file))
    }

    /// The datasets directory, which need not exist.
    pub fn directory(&self) -> PathBuf {
        // `exclude` reports a broken configuration.
        let configured = || self.config().ok()?.datasets.filter(|_| self.datasets.is_none());
        given(&self.datasets).or_else(configured).unwrap_or_else(|| DATASETS.into())
    }

    /// Whether an option gives it: a configured directory is only the default.
    pub fn is_directory_given(&self) -> bool {
        given(&self.datasets).is_some()
    }

    /// What to exclude from datasets.
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
            Plan::named(name).ok_or_else(|| Error::Input(format!("SIMAGES_PLAN: unknown plan {name}; use {names}")))
        });
        let instructions = self.instructions()?.unwrap_or(default.instructions);
        Ok(Engine { instructions, plan: plan.transpose()?, ..default })
    }

    /// The instruction set that SIMAGES_CPU forces.
    fn instructions(&self) -> Result<Option<Instructions>> {
        let Some(name) = self.cpu.as_deref().filter(|name| !name.is_empty()) else { return Ok(None) };
        let named = Instructions::named(name).ok_or_else(|| {
            let here: Vec<_> = Instructions::available().iter().map(|i| i.name()).collect();
            Error::Input(format!("SIMAGES_CPU: this processor has no {name}; use {}", here.join(", ")))
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

/// Every run appends to it: never to a picture or descriptors, also not through a link, nor to anything but text.
fn a_log(path: PathBuf) -> std::result::Result<PathBuf, &'static str> {
    let place = path.canonicalize().unwrap_or_else(|_| path.clone());
    let has = |is: &dyn Fn(&Path) -> bool| is(&path) || is(&place);
    if has(&formats::is_picture) {
        return Err("it has the name of a picture");
    }
    if has(&|path| path.file_name().is_some_and(storage::is_ours)) {
        return Err("that name is reserved for descriptors");
    }
    let mut begin = Vec::new();
    let read = whole_file::open(&place).and_then(|file| file.take(64).read_to_end(&mut begin));
    if read.is_ok() && begin.iter().any(|byte| *byte < b' ' && !byte.is_ascii_whitespace()) {
        return Err("it isn't a text file");
    }
    Ok(path)
}

/// The file of the settings last used on the screens, if there is a home folder:
/// `$XDG_STATE_HOME/simages/settings.toml`.
pub fn last_settings() -> Option<PathBuf> {
    Some(UserFolder::STATE.path()?.join("settings.toml"))
}

/// A variable set to nothing counts as unset.
fn given(value: &Option<OsString>) -> Option<PathBuf> {
    value.as_ref().filter(|value| !value.is_empty()).map(PathBuf::from)
}
