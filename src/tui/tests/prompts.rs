//! Prompts: what is refused stays to be corrected, and leaving one leaves nothing else. Also terminals too small for any.

use super::*;
use crate::tui::msg::Task;

fn control(app: &mut App, c: char) -> Vec<Task> {
    app.update(Msg::Key(KeyEvent::new(KeyCode::Char(c), KeyModifiers::CONTROL)))
}

fn is_typing(app: &App) -> bool {
    app.layers.last().is_some_and(|layer| layer.prompt().is_some())
}

#[test]
fn control_c_leaves_the_prompt_and_not_the_program() {
    let mut app = app(100, 30);
    press(&mut app, " W");
    assert!(is_typing(&app) && prompt(&app).contains("simages-marked"));
    assert_eq!(control(&mut app, 'c').len(), 0);
    assert!(!is_typing(&app) && app.world.marks.len() == 1);
    // Then it warns that the marks go, and after that quits.
    assert_eq!(control(&mut app, 'c').len(), 0);
    assert!(screen(&app).contains("1 mark not written"), "{}", screen(&app));
    assert!(matches!(&control(&mut app, 'c')[..], [Task::Stop]));
}

#[test]
fn nothing_typed_keeps_the_prompt_and_says_how_to_leave_it() {
    let mut app = app(100, 30);
    press(&mut app, " C<enter>");
    assert!(is_typing(&app) && screen(&app).contains("nothing is typed; esc closes"), "{}", screen(&app));
    press(&mut app, "/tmp/picked.jpg<enter>");
    assert!(is_typing(&app) && screen(&app).contains("has the name of a picture; give a folder"), "{}", screen(&app));
    // An empty filter shows everything again.
    press(&mut app, "<esc>/duck<enter>");
    assert_eq!(app.trail.key_select.count(), 1);
    press(&mut app, "/<backspace><backspace><backspace><backspace><enter>");
    assert!(!is_typing(&app) && app.trail.key_select.count() > 1);
}

#[test]
fn a_text_is_no_longer_than_a_path_may_be() {
    let mut app = app(100, 30);
    press(&mut app, "o");
    app.update(Msg::Paste("ä/".repeat(1_000_000)));
    press(&mut app, "x");
    assert!((4_096..9_000).contains(&prompt(&app).len()) && !prompt(&app).ends_with('x'));
    press(&mut app, "<backspace><backspace>");
    assert!(screen(&app).contains("picture as key"), "{}", screen(&app));
}

#[test]
fn marks_that_change_while_a_list_is_written_are_told() {
    let mut app = app(120, 30);
    press(&mut app, " W<enter>");
    press(&mut app, "<right> ");
    list_ends(&mut app, Ok("1 path written".into()), Vec::new());
    assert!(
        screen(&app).contains("marks have changed since: W writes the list again; 1 path written"),
        "{}",
        screen(&app)
    );
}

#[test]
fn words_of_the_filter_may_come_in_any_order() {
    let mut app = app(100, 30);
    press(&mut app, "/DUCK birds<enter>");
    assert_eq!(app.trail.key_select.count(), 1);
    press(&mut app, "<esc>/*duck*.jpg<enter>");
    assert_eq!(app.trail.key_select.count(), 1);
}

#[test]
fn the_list_written_last_is_proposed_again() {
    let mut app = app(100, 30);
    press(&mut app, " W<backspace><backspace><backspace>csv.txt<enter>");
    list_ends(&mut app, Ok("1 path written".into()), Vec::new());
    press(&mut app, "<right> W");
    assert_eq!(prompt(&app), "simages-marked.csv.txt");
}

#[test]
fn what_nobody_would_see_is_not_done() {
    let mut app = app(100, 30);
    press(&mut app, "/duck");
    app.update(Msg::Resize(30, 8));
    press(&mut app, "s D");
    app.update(Msg::Paste("text".into()));
    let click = MouseEventKind::Down(MouseButton::Right);
    app.update(Msg::Mouse(
        MouseEvent { kind: click, column: 1, row: 1, modifiers: KeyModifiers::NONE },
        Instant::now(),
    ));
    assert!(is_typing(&app) && prompt(&app) == "duck");
    assert!(app.world.marks.is_empty() && app.trail.after.is_empty());
    app.update(Msg::Resize(100, 30));
    press(&mut app, "<esc>");
    press(&mut app, " ");
    app.update(Msg::Resize(30, 8));
    assert_eq!(control(&mut app, 'c').len(), 0);
    assert!(screen(&app).contains("1 mark not"), "{}", screen(&app));
    assert!(matches!(&press(&mut app, "q")[..], [Task::Quit]));
}

#[test]
fn digits_go_to_the_number_and_what_is_chosen_for_results_stays_chosen() {
    let mut app = app(120, 40);
    press(&mut app, "<enter>e3<enter>");
    assert_eq!(results(&app).len(), 3);
    press(&mut app, "b<right><enter>");
    assert_eq!(results(&app).len(), 3);
    // Going back to earlier results leaves them as they were.
    press(&mut app, "<enter>e5<enter>");
    assert_eq!(results(&app).len(), 5);
    press(&mut app, "b");
    assert_eq!(results(&app).len(), 3);
    press(&mut app, "b<right><enter>");
    assert_eq!(results(&app).len(), 5);
    // A point begins a number, too. What a key switches on results stays there.
    press(&mut app, "de<right><right><down>.35<enter>");
    assert_eq!(shown(&app).search.settings.predicate(None), Some(Predicate::Range(0.35)), "{}", screen(&app));
    press(&mut app, "b");
    assert!(!app.trail.key_select.settings.fold);
    assert_eq!(app.trail.key_select.settings.kind, Kind::Range);
}

#[test]
fn what_is_refused_later_is_asked_for_again_whatever_was_entered_meanwhile() {
    let mut app = app(100, 30);
    press(&mut app, " C/there<enter>");
    let generation = app.world.writing.as_ref().unwrap().generation;
    press(&mut app, "W");
    assert!(screen(&app).contains("/there is still being written"), "{}", screen(&app));
    press(&mut app, "ox.jpg<enter>");
    app.update(Msg::Opened(failure("x.jpg: no such file")));
    assert_eq!(prompt(&app), "x.jpg");
    press(&mut app, "<esc>");
    let refused = failure("0 of 1 picture copied; /there: permission denied");
    app.update(Msg::Joining(JoinNews::Ended(generation, refused)));
    assert!(prompt(&app) == "/there" && screen(&app).contains("✗ 0 of 1 picture copied"), "{}", screen(&app));
}

#[test]
fn what_a_scan_misses_is_said_after_the_marks_it_dropped() {
    let mut app = app(120, 40);
    let notice = |text: &str| happened(0, Event::Notice(text.into()), Instant::now());
    let said = |app: &App| match &app.world.notice {
        Some(Notice::Info(text)) => text.clone(),
        _ => String::new(),
    };
    press(&mut app, " ");
    app.update(happened(0, Event::Scanned(Scan::default()), Instant::now()));
    app.update(notice("1 picture absent: a.jpg"));
    assert!(said(&app).starts_with("1 mark dropped: ") && said(&app).ends_with("; 1 picture absent: a.jpg"));
    let before = said(&app);
    app.update(notice("1 picture absent: a.jpg"));
    assert_eq!(said(&app), before);
    // Anything else is replaced.
    app.world.inform("marks that weren't printed");
    app.update(notice("1 picture absent: a.jpg"));
    assert_eq!(said(&app), "1 picture absent: a.jpg");
}
