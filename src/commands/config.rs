//! `simages config`: prints the configuration, filled in with defaults.

use std::path::PathBuf;
use std::process::ExitCode;

use clap::Args;

use super::options::{GlobalOptions, config_file};
use super::output::print;
use super::run::Run;
use crate::error::{Error, Result};
use crate::join::{DescriptorKind, Kind, Metric};
use crate::preferences::Config;
use crate::text::printable;

/// Print the configuration, filled in with defaults
///
/// The file is ~/.config/simages/config.toml ($XDG_CONFIG_HOME/simages/config.toml). Don't redirect the output to that
/// file itself: the shell would empty it first. Options win over the file; the file wins over the settings last used on
/// the screens.
#[derive(Debug, Args)]
pub struct ConfigArgs {}

#[derive(Debug)]
pub struct PrintConfig {
    file: PathBuf,
    config: Config,
}

impl ConfigArgs {
    pub fn resolve(self, options: &GlobalOptions) -> Result<PrintConfig> {
        let file = config_file()
            .ok_or_else(|| Error::Input("there is no home folder for the configuration; set HOME".into()))?;
        Ok(PrintConfig { file, config: options.config()? })
    }
}

impl Run for PrintConfig {
    fn run(self: Box<Self>) -> anyhow::Result<ExitCode> {
        print(self.text().as_bytes())?;
        Ok(ExitCode::SUCCESS)
    }
}

impl PrintConfig {
    fn text(&self) -> String {
        let file = printable(&crate::shown::path(&self.file));
        let there = if self.file.exists() { "" } else { ", which doesn't exist: these are the defaults" };
        let choices = self.config.choices();
        // Unset entries follow a #, with their defaults.
        let line = |name: &str, said: Option<String>, default: &str| match said {
            Some(said) => format!("{name} = {said}\n"),
            None => format!("# {name} = {default}\n"),
        };
        let quoted = |text: &str| toml::Value::String(text.to_owned()).to_string();
        let names = |names: Vec<&str>| names.join(", ");
        let exclude = (!self.config.exclude.is_empty()).then(|| {
            format!("[{}]", self.config.exclude.iter().map(|glob| quoted(glob)).collect::<Vec<_>>().join(", "))
        });
        let mut text = format!("# {file}{there}\n\n");
        text += "# The datasets directory: each folder in it is a dataset.\n";
        let datasets = self.config.datasets.as_ref().map(|path| quoted(&path.to_string_lossy()));
        text += &line("datasets", datasets, "\"./datasets\"");
        text += "\n# Files and folders to exclude from every dataset, as lines of a .gitignore.\n";
        text += &line("exclude", exclude, "[]");
        text += "\n# The settings that the screens start with.\n[screens]\n";
        text += &format!("# {}\n", names(Metric::ALL.map(Metric::name).to_vec()));
        text += &line("metric", choices.metric.map(|metric| quoted(metric.name())), &quoted(Metric::default().name()));
        text += &format!("# {}\n", names(DescriptorKind::ALL.map(DescriptorKind::name).to_vec()));
        let descriptor = choices.descriptor.map(|descriptor| quoted(descriptor.name()));
        text += &line("descriptor", descriptor, &quoted(DescriptorKind::default().name()));
        text += "# knn: the k nearest; range: all that are at least as similar\n";
        let kind = choices.kind.map(|kind| quoted(if kind == Kind::Knn { "knn" } else { "range" }));
        text += &line("predicate", kind, "\"knn\"");
        text += &line("knn", choices.k.map(|k| k.to_string()), "10");
        text += "# by the metric and descriptor above; left out, the screens choose it from the nearest pictures\n";
        text += &line("range", choices.range.map(|range| toml::Value::Float(range).to_string()), "0.6");
        text
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_printed_is_a_configuration_that_says_the_same() {
        let said =
            "datasets = \"/pictures\"\nexclude = [\"raw/\", \"*.tif\"]\n[screens]\ndescriptor = \"gap\"\nrange = 0.9\n";
        for text in ["", said] {
            let config: Config = toml::from_str(text).unwrap();
            let printed = PrintConfig { file: "/nowhere/config.toml".into(), config: config.clone() }.text();
            let read: Config = toml::from_str(&printed).unwrap_or_else(|error| panic!("{error}: {printed}"));
            assert_eq!(
                (read.choices(), read.exclude, read.datasets),
                (config.choices(), config.exclude, config.datasets)
            );
            // Without the signs before them, the defaults are one too.
            let bare: String = printed
                .lines()
                .map(|line| {
                    let is_setting = line.starts_with("# ") && line.contains(" = ");
                    format!("{}\n", if is_setting { &line[2..] } else { line })
                })
                .collect();
            toml::from_str::<Config>(&bare).unwrap_or_else(|error| panic!("{error}: {bare}"));
        }
    }
}
