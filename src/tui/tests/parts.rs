//! A part of a picture as key: drawn by keys or the mouse, or the part in view.

use super::*;
use crate::dataset::PicturePart;
use crate::tui::rehearsal::encoded_as;

const PIXELS: (u32, u32) = (800, 600);

/// The viewer with the third picture of key select, decoded.
fn viewing() -> App {
    let mut app = app(120, 40);
    press(&mut app, "<right><right>v");
    encoded_as(&mut app, PIXELS);
    app
}

fn part(app: &App) -> Option<PicturePart> {
    shown(app).search.keys.first().part
}

/// The last search requested.
fn job(tasks: &[Task]) -> &SearchJob {
    let job = tasks.iter().rev().find_map(|task| match task {
        Task::Search(job) => Some(job),
        _ => None,
    });
    job.unwrap_or_else(|| panic!("{tasks:?}"))
}

#[test]
fn a_rectangle_is_drawn_by_keys_and_what_is_in_it_is_the_key() {
    let mut app = app(120, 40);
    press(&mut app, "vt");
    assert!(matches!(&app.world.notice, Some(Notice::Info(text)) if text.contains("isn't loaded yet")));
    let mut app = viewing();
    press(&mut app, "t");
    assert_eq!(place(&app), "Part of a picture");
    // The middle half, then moved left and up.
    assert!(screen(&app).contains("#200,150,400,300   of 800 x 600"), "{}", screen(&app));
    press(&mut app, "<left><up>");
    assert!(!screen(&app).contains("#200,150,400,300") && screen(&app).contains(",400,300   of 800 x 600"));
    press(&mut app, "0<left>");
    assert!(screen(&app).contains("#0,0,800,600"), "{}", screen(&app));
    let narrower = KeyEvent::new(KeyCode::Left, KeyModifiers::SHIFT);
    (0..9).for_each(|_| drop(app.update(Msg::Key(narrower))));
    let tasks = press(&mut app, "<right><enter>");
    assert_eq!(place(&app), "Results");
    let taken = part(&app).unwrap();
    assert!(taken.width < 800 && taken.height == 600 && taken.x > 0 && taken.is_inside(PIXELS), "{taken:?}");
    // Only this part is the key, so the whole picture may be a result.
    let job = job(&tasks);
    assert!(
        matches!(&job.like[..], [KeySource::File(path, Some(part))] if path.ends_with(ANIMALS[2]) && *part == taken)
    );
    assert_eq!(job.left_out.len(), 0);
    let name = format!("{}#{taken}", ANIMALS[2]);
    assert!(screen(&app).contains(&name), "{name} in:\n{}", screen(&app));
    press(&mut app, "b");
    assert_eq!((place(&app), app.trail.key_select.selected), ("Key select", 2));
    // The rectangle is still there, to be adjusted.
    press(&mut app, "v");
    encoded_as(&mut app, PIXELS);
    press(&mut app, "t");
    assert!(screen(&app).contains(&format!("#{taken} ")), "{}", screen(&app));
}

#[test]
fn what_is_zoomed_to_is_the_key_and_a_rectangle_begins_there() {
    let mut app = viewing();
    press(&mut app, "++++<left><left>");
    encoded_as(&mut app, PIXELS);
    press(&mut app, "t");
    let begun = screen(&app).lines().next().unwrap().to_owned();
    press(&mut app, "<esc>");
    assert_eq!(place(&app), "Viewer");
    press(&mut app, "<enter>");
    let seen = part(&app).unwrap();
    assert!(seen.width < 800 && seen.height < 600 && seen.is_inside(PIXELS), "{seen:?}");
    assert!(begun.contains(&format!("#{seen} ")), "{seen} in {begun}");
    // Even before the zoomed section arrives.
    let mut app = viewing();
    press(&mut app, "++<enter>");
    assert!(part(&app).is_some());
    // If all of the picture is visible, all is the key.
    let mut app = viewing();
    press(&mut app, "<enter>");
    assert_eq!((part(&app), shown(&app).search.settings.descriptor), (None, DescriptorKind::Full));
    let mut app = viewing();
    press(&mut app, "t0<enter>");
    assert_eq!((place(&app), part(&app)), ("Results", None));
}

#[test]
fn the_mouse_draws_a_rectangle() {
    let mut app = viewing();
    press(&mut app, "t");
    let mouse = |app: &mut App, kind, column, row| {
        let event = MouseEvent { kind, column, row, modifiers: KeyModifiers::NONE };
        app.update(Msg::Mouse(event, Instant::now()))
    };
    mouse(&mut app, MouseEventKind::Down(MouseButton::Left), 30, 10);
    mouse(&mut app, MouseEventKind::Drag(MouseButton::Left), 45, 25);
    mouse(&mut app, MouseEventKind::Up(MouseButton::Left), 45, 25);
    let drawn = screen(&app);
    assert_eq!(drawn.lines().nth(10).unwrap().chars().nth(31), Some('┏'), "{drawn}");
    assert_eq!(drawn.lines().nth(25).unwrap().chars().nth(46), Some('┛'), "{drawn}");
    let tasks = press(&mut app, "<enter>");
    assert!(matches!(&job(&tasks).like[0], KeySource::File(_, Some(_))));
    // A chosen descriptor stays, and there is no notice.
    let mut app = viewing();
    app.trail.key_select.settings.descriptor = DescriptorKind::Pooled(Pooling::Gap);
    let tasks = press(&mut app, "t<enter>");
    assert_eq!(job(&tasks).descriptor, DescriptorKind::Pooled(Pooling::Gap));
    assert_eq!(app.world.notice, None);
}

#[test]
fn a_file_is_opened_as_a_part() {
    let mut app = app(120, 40);
    let part = PicturePart { x: 1, y: 2, width: 30, height: 40 };
    let opened = OpenedPicture { path: "/elsewhere/x.png".into(), part: Some(part), id: None };
    app.update(Msg::Opened(Ok(OpenedFile::Picture(opened))));
    assert_eq!(super::shown(&app).search.keys.told(), "x.png#1,2,30,40");
}

#[test]
fn it_looks_as_drawn() {
    for (width, height) in [(60, 18), (80, 24), (120, 40)] {
        let mut app = super::app(width, height);
        press(&mut app, "v");
        encoded_as(&mut app, PIXELS);
        press(&mut app, "t");
        insta::assert_snapshot!(format!("part_{width}x{height}"), screen(&app));
    }
}
