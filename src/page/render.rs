//! The page around the pictures.

use maud::{DOCTYPE, Markup, PreEscaped, html};

use super::{HtmlPage, PageGroup, PageSection, PageTable};
use crate::text::{count, printable, thousands};

/// Nothing is fetched, and nothing runs.
const POLICY: &str = "default-src 'none'; img-src data:; style-src 'unsafe-inline'";
const STYLE: &str = include_str!("style.css");

/// A notice that pictures are missing from the page.
#[derive(Clone, Copy, Debug)]
pub struct NotShown {
    pub shown: usize,
    pub of: usize,
    pub is_full: bool,
}

/// The page with these figures, in the order of its pictures; pictures without one are left out.
pub fn render(page: &HtmlPage, figures: &[Markup], left_out: Option<NotShown>) -> Markup {
    let title = printable(&page.title);
    let mut left = figures;
    html! {
        (DOCTYPE)
        html lang="en" {
            head {
                meta charset="utf-8";
                meta http-equiv="Content-Security-Policy" content=(POLICY);
                meta name="viewport" content="width=device-width, initial-scale=1";
                meta name="color-scheme" content="light dark";
                meta name="generator" content=(concat!("SIMages ", env!("CARGO_PKG_VERSION")));
                // Otherwise browsers ask for one if the page comes from a server.
                link rel="icon" href="data:,";
                title { (title) " – SIMages" }
                style { (PreEscaped(STYLE)) }
            }
            body {
                header {
                    h1 { (title) }
                    dl {
                        @for (what, is) in &page.facts {
                            div { dt { (what) } dd { bdi { (printable(is)) } } }
                        }
                    }
                }
                main {
                    @if let Some(left_out) = left_out { p class="note" { (said(left_out)) } }
                    @for table in &page.tables { (figures_in(table)) }
                    @for section in &page.sections { (in_section(section, &mut left)) }
                }
            }
        }
    }
}

/// The notice about pictures that are not on the page.
fn said(left_out: NotShown) -> String {
    let why = if left_out.is_full { "larger than its limit" } else { "more than its limit" };
    let (shown, of) = (thousands(left_out.shown), count(left_out.of, "picture"));
    format!("This page shows the first {shown} of {of}: all of them would be {why} (--html-limit).")
}

fn figures_in(table: &PageTable) -> Markup {
    let heading = printable(&table.heading);
    html! {
        section {
            h2 { (heading) }
            // Wider than a small screen: it scrolls on its own, also by keys.
            div class="wide" role="region" aria-label=(heading) tabindex="0" {
                table {
                    thead { tr { @for column in &table.columns { th scope="col" { (printable(column)) } } } }
                    tbody {
                        @for row in &table.rows {
                            tr {
                                @for (at, cell) in row.iter().enumerate() {
                                    @if at == 0 { th scope="row" { (printable(cell)) } } @else { td { (printable(cell)) } }
                                }
                            }
                        }
                    }
                }
            }
        }
    }
}

fn in_section(section: &PageSection, left: &mut &[Markup]) -> Markup {
    let (heading, note) = (printable(&section.heading), printable(&section.note));
    let are_pairs = section.groups.len() > 1 && section.groups.iter().all(|group| group.pictures.len() <= 2);
    html! {
        section class=(if are_pairs { "pairs" } else { "groups" }) {
            @if !heading.is_empty() { h2 { (heading) } }
            @if !note.is_empty() { p { (note) } }
            div class="all" {
                @for group in &section.groups { (in_group(group, left)) }
            }
        }
    }
}

fn in_group(group: &PageGroup, left: &mut &[Markup]) -> Markup {
    let (shown, rest) = left.split_at(group.pictures.len().min(left.len()));
    *left = rest;
    let heading = printable(&group.heading);
    html! {
        @if !shown.is_empty() {
            div class="group" {
                @if !heading.is_empty() { h3 { (heading) } }
                ul { @for figure in shown { (figure) } }
                @if shown.len() < group.pictures.len() {
                    p { "and " (thousands(group.pictures.len() - shown.len())) " more" }
                }
            }
        }
    }
}
