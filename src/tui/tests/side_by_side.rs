//! Two pictures side by side.

use super::*;
use crate::terminal::{Graphics, Terminal};
use crate::tui::pictures::{Part, Slot};
use crate::tui::rehearsal::encoded;

/// A group of near-duplicates, its first two pictures side by side.
fn side_by_side(width: u16, height: u16) -> App {
    let mut app = app(width, height);
    app.update(Msg::Probed(Terminal { graphics: Graphics::Kitty, ..Terminal::default() }));
    press(&mut app, "<tab><right><right><right><down><right>");
    press(&mut app, "0.99<enter>P");
    press(&mut app, "<left>K<right>v");
    app
}

fn parts(app: &App) -> Vec<Part> {
    app.visible().into_iter().map(|slot| slot.part).collect()
}

fn whole(part: Part) -> (u32, u32) {
    let Part::Scaled { whole, .. } = part else { panic!("{part:?}") };
    whole
}

fn paths(slots: &[Slot]) -> Vec<PathBuf> {
    slots.iter().map(|slot| slot.path.clone()).collect()
}

#[test]
fn both_are_zoomed_and_panned_as_one() {
    let mut app = side_by_side(120, 40);
    let fitted = parts(&app);
    press(&mut app, "+");
    assert!(matches!(&app.world.notice, Some(Notice::Info(text)) if text.contains("being read")));
    encoded(&mut app);
    // 4000 x 3000 and 2000 x 1500 pixels, as the comparison says.
    press(&mut app, "1");
    assert_eq!(parts(&app).into_iter().map(whole).collect::<Vec<_>>(), [(4000, 3000); 2]);
    assert!(screen(&app).lines().next().unwrap().contains("1:1"), "{}", screen(&app));
    let middle = parts(&app);
    press(&mut app, "<right><down>");
    let moved = parts(&app);
    assert!(moved[0] == moved[1] && moved != middle);
    press(&mut app, "<left><up>");
    assert_eq!(parts(&app), middle);
    press(&mut app, "-");
    assert!(screen(&app).contains("70 %"), "{}", screen(&app));
    press(&mut app, "++");
    assert_eq!(whole(parts(&app)[1]), (6000, 4500));
    // The other picture, same place and zoom.
    let before = app.visible();
    press(&mut app, "f");
    let flipped = app.visible();
    assert_eq!(flipped.iter().map(|slot| slot.part).collect::<Vec<_>>(), [before[0].part; 2]);
    assert_eq!(paths(&flipped), [before[1].path.clone(), before[0].path.clone()]);
    // Arrows pan; the next picture keeps the zoom.
    press(&mut app, "f<pagedown>");
    assert_ne!(app.visible()[1].path, before[1].path);
    encoded(&mut app);
    // Now its size is known.
    encoded(&mut app);
    assert_eq!(whole(parts(&app)[1]), (6000, 4500));
    press(&mut app, "0");
    assert_eq!(parts(&app), fitted);
}

#[test]
fn half_blocks_show_a_pixel_a_column() {
    let mut app = side_by_side(120, 40);
    app.update(Msg::Probed(Terminal { graphics: Graphics::HalfBlocks, cell: (9, 18), ..Terminal::default() }));
    encoded(&mut app);
    press(&mut app, "1");
    assert_eq!(whole(parts(&app)[0]), (36_000, 27_000));
}

#[test]
fn the_difference_takes_the_right_pictures_place() {
    let mut app = side_by_side(120, 40);
    let before = app.visible();
    press(&mut app, "c");
    let slots = app.visible();
    assert_eq!(slots[1].against.as_ref().unwrap().0.path, before[0].path);
    assert_eq!((&slots[0], paths(&slots)), (&before[0], paths(&before)));
    assert!(screen(&app).contains("difference  mean …"), "{}", screen(&app));
    encoded(&mut app);
    assert!(screen(&app).contains("difference  mean 2.3 of 255 grey levels"), "{}", screen(&app));
    press(&mut app, "1");
    let zoomed = app.visible();
    assert!(zoomed[1].against.is_some() && zoomed[0].part == zoomed[1].part);
    press(&mut app, "0c");
    assert_eq!(app.visible(), before);
}

#[test]
fn two_are_compared_once_when_both_are_there() {
    let mut app = side_by_side(120, 40);
    let asked = |app: &mut App, which: usize| {
        let slot = app.visible()[which].clone();
        let tasks = app.update(Msg::Picture(slot, failure("damaged")));
        assert!(tasks.is_empty());
        tasks.len()
    };
    asked(&mut app, 0);
    asked(&mut app, 1);
    assert!(!screen(&app).contains("sharpness 0"));
    encoded(&mut app);
    assert!(screen(&app).contains("0.351"), "{}", screen(&app));
    let tasks = press(&mut app, "fff");
    assert!(tasks.is_empty(), "it is known: {tasks:?}");
    let shown = screen(&app);
    assert!(shown.contains("0.351") && shown.contains("0.204"), "{shown}");
}

#[test]
fn screens_look_as_drawn() {
    for (width, height) in [(60, 18), (80, 24), (120, 40)] {
        let size = format!("{width}x{height}");
        let mut app = side_by_side(width, height);
        encoded(&mut app);
        insta::assert_snapshot!(format!("compared_{size}"), screen(&app));
        press(&mut app, "1c");
        encoded(&mut app);
        insta::assert_snapshot!(format!("difference_{size}"), screen(&app));
    }
}
