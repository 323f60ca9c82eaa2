//! GNU screen: it turns APC sequences into window titles, passes DCS sequences on to the outer terminal, and misreads
//! 24-bit colours.

/// Whether we run in it directly. If tmux runs inside it, we run in tmux.
pub fn inside() -> bool {
    let set = |name| std::env::var_os(name).is_some_and(|value| !value.is_empty());
    let named = || std::env::var("TERM").is_ok_and(|term| term.starts_with("screen"));
    !set("TMUX") && (set("STY") || named())
}
