//! The mouse.

use super::*;

#[test]
fn the_mouse_selects_opens_pages_and_chooses() {
    let mut app = app(120, 40);
    let now = Instant::now();
    let mouse = |app: &mut App, kind, (column, row), after| {
        let event = MouseEvent { kind, column, row, modifiers: KeyModifiers::NONE };
        app.update(Msg::Mouse(event, now + Duration::from_millis(after)))
    };
    let click = MouseEventKind::Down(MouseButton::Left);
    mouse(&mut app, click, (30, 10), 0);
    assert_eq!(app.trail.key_select.selected, 1);
    mouse(&mut app, click, (30, 10), 900);
    assert_eq!(place(&app), "Key select");
    mouse(&mut app, click, (30, 10), 1000);
    assert_eq!(place(&app), "Viewer");
    mouse(&mut app, MouseEventKind::Down(MouseButton::Right), (30, 10), 2000);
    assert_eq!(place(&app), "Key select");
    // The second panel, then its second option.
    mouse(&mut app, click, (30, 2), 3000);
    assert_eq!(place(&app), "Settings");
    mouse(&mut app, click, (30, 3), 4000);
    assert_eq!(app.trail.key_select.settings.dataset, 1);
    mouse(&mut app, MouseEventKind::ScrollDown, (30, 20), 5000);
    assert_eq!(place(&app), "Key select");
}

#[test]
fn what_was_typed_holds_when_a_picture_is_clicked() {
    let mut app = app(120, 40);
    press(&mut app, "<tab><left><left><backspace><backspace>3");
    let event = MouseEvent {
        kind: MouseEventKind::Down(MouseButton::Left),
        column: 30,
        row: 12,
        modifiers: KeyModifiers::NONE,
    };
    app.update(Msg::Mouse(event, Instant::now()));
    assert_eq!(place(&app), "Key select");
    press(&mut app, "<enter>");
    assert_eq!(results(&app).len(), 3);
}
