//! Several keys: results and marked pictures as additional keys, for and against.

use super::*;

fn keys(app: &App) -> Vec<String> {
    let sign = |is_for: bool| if is_for { "+" } else { "-" };
    let keys = &trail(app).last().unwrap().search.keys;
    keys.all().map(|(key, is_for)| format!("{}{}", sign(is_for), key.name)).collect()
}

fn values(app: &App) -> Vec<(String, f64)> {
    trail(app).last().unwrap().items().iter().map(|n| (n.row.name.clone(), n.value)).collect()
}

/// The value of a row by its definition.
fn expected(app: &App, like: &[&str], unlike: &[&str], of: &str) -> f64 {
    let row = |name: &str| &app.world.sets[0].matrix.get(name).unwrap().descriptor;
    let value = |key: &&str| DescriptorKind::Full.comparison().value(row(key), row(of), Metric::Cosine);
    let mean = |keys: &[&str]| {
        let mut values: Vec<f64> = keys.iter().map(value).collect();
        values.sort_by(f64::total_cmp);
        values.iter().sum::<f64>() / values.len() as f64
    };
    mean(like) - if unlike.is_empty() { 0.0 } else { 0.25 * mean(unlike) }
}

#[test]
fn a_result_becomes_a_key_for_or_against_and_back_restores() {
    let mut app = app(120, 40);
    press(&mut app, "<enter><right><right>");
    let (before, selected) = (values(&app), trail(&app)[0].selected);
    let (key, second) = (ANIMALS[0], before[2].0.clone());
    press(&mut app, ">");
    assert_eq!(keys(&app), [format!("+{key}"), format!("+{second}")]);
    // Keys are not results; others are compared with both.
    let after = values(&app);
    assert!(after.iter().all(|(name, _)| name != key && *name != second), "{after:?}");
    for (name, value) in &after {
        assert_eq!(*value, expected(&app, &[key, &second], &[], name), "{name}");
    }
    assert!(screen(&app).contains("2 for ⋈ animals"), "{}", screen(&app));
    press(&mut app, "<right><lt>");
    let third = after[1].0.clone();
    assert_eq!(keys(&app)[2..], [format!("-{third}")]);
    for (name, value) in values(&app) {
        assert_eq!(value, expected(&app, &[key, &second], &[&third], &name), "{name}");
    }
    let shown = screen(&app);
    assert!(shown.contains("2 for, 1 against ⋈ animals") && shown.contains(" against "), "{shown}");
    // Back to one key, step by step, with its selection.
    press(&mut app, "b");
    assert_eq!((values(&app), trail(&app).last().unwrap().selected), (after, 1));
    press(&mut app, "b");
    assert_eq!((values(&app), trail(&app).last().unwrap().selected), (before, selected));
    assert!(app.world.marks.is_empty());
}

#[test]
fn each_result_says_which_key_it_is_nearest_to() {
    let mut app = app(120, 40);
    // Descriptors turn step by step: rows near the last one are nearer to it than to the first.
    let last = ANIMALS[ANIMALS.len() - 1];
    press(&mut app, "G L");
    assert_eq!(keys(&app), [format!("+{last}")], "one mark, one key");
    press(&mut app, "bg L");
    assert_eq!(keys(&app).len(), 2);
    let items = trail(&app).last().unwrap().items().iter();
    let near: Vec<_> = items.map(|n| (n.row.name.clone(), n.nearest)).collect();
    let of = |name: &str| near.iter().find(|(of, _)| of == name).unwrap().1;
    assert_eq!((of(ANIMALS[1]), of(ANIMALS[ANIMALS.len() - 2])), (0, 1));
    let title = |name: &str| name.split('.').next().unwrap().to_owned();
    let shown = screen(&app);
    for name in [ANIMALS[0], last] {
        assert!(shown.contains(&format!("near {}", title(name))), "{name} in:\n{shown}");
    }
    // The viewer compares with that key.
    press(&mut app, "Gvif");
    let search = &trail(&app).last().unwrap().search;
    let selected = search.results().last().unwrap();
    let nearest = search.nearest(selected).name.clone();
    assert!(screen(&app).contains(&format!("key   {nearest}")), "{}", screen(&app));
    press(&mut app, "f");
    assert!(screen(&app).contains("nearest key"), "{}", screen(&app));
}

#[test]
fn marked_pictures_are_keys_and_stay_marked() {
    let mut app = app(120, 40);
    press(&mut app, "L");
    assert!(matches!(&app.world.notice, Some(Notice::Info(text)) if text.contains("nothing is marked")));
    press(&mut app, " <right> <right> ");
    let marked: Vec<PathBuf> = app.world.marks.iter().map(|mark| mark.file.path.clone()).collect();
    press(&mut app, "L");
    assert_eq!((place(&app), keys(&app).len()), ("Results", 3));
    assert!(screen(&app).contains("3 for ⋈ animals"), "{}", screen(&app));
    let still: Vec<PathBuf> = app.world.marks.iter().map(|mark| mark.file.path.clone()).collect();
    assert_eq!(still, marked, "marks are what they were");
    press(&mut app, "L");
    assert!(matches!(&app.world.notice, Some(Notice::Info(text)) if text.contains("already keys")));
    // From results, the marked ones are additional keys; from the list of marks, they are the keys.
    press(&mut app, "bG<enter>L");
    assert_eq!(keys(&app).len(), 4);
    press(&mut app, "bbmL");
    assert_eq!((place(&app), keys(&app).len()), ("Results", 3));
    press(&mut app, "b");
    assert_eq!(place(&app), "Key select");
}

#[test]
fn a_range_is_of_the_value_and_the_live_count_of_all_keys() {
    let mut app = app(120, 40);
    press(&mut app, "<enter>>");
    let all = values(&app);
    let limit = 0.9;
    press(&mut app, "e<right><right><down><right>");
    "0.9".chars().for_each(|c| drop(press(&mut app, &c.to_string())));
    let within = all.iter().filter(|(_, value)| *value >= limit).count();
    assert!(within > 0 && within < all.len());
    assert!(screen(&app).contains(&format!("{within} pass")) || screen(&app).contains(&within.to_string()));
    press(&mut app, "<enter>");
    assert_eq!(results(&app).len(), within);
    // Only a single key is expanded.
    press(&mut app, "E");
    assert!(
        matches!(&app.world.notice, Some(Notice::Info(text)) if text.contains("only a single key can be expanded"))
    );
}

#[test]
fn the_viewer_asks_for_more_or_less_like_what_it_shows() {
    let mut app = app(120, 40);
    press(&mut app, "v>");
    assert!(matches!(&app.world.notice, Some(Notice::Info(_))));
    assert_eq!(place(&app), "Viewer");
    press(&mut app, "v");
    // The key itself is a key already.
    press(&mut app, "<enter>vf>");
    assert!(matches!(&app.world.notice, Some(Notice::Info(text)) if text == "this is already a key"));
    press(&mut app, "<lt>");
    assert_eq!((place(&app), trail(&app).len()), ("Viewer", 1));
    press(&mut app, "vb<enter><right>v<right><lt>");
    assert_eq!(place(&app), "Results");
    assert_eq!(keys(&app).len(), 2);
    press(&mut app, "b");
    assert_eq!(keys(&app).len(), 1);
}

#[test]
fn keys_that_have_no_room_are_counted() {
    let mut app = app(60, 18);
    press(&mut app, " <right> <right> <right> <right> L");
    assert!(screen(&app).contains(" 3 more keys"), "{}", screen(&app));
    for (width, height) in [(60, 18), (80, 24), (120, 40)] {
        let mut app = super::app(width, height);
        press(&mut app, "<enter>><right><lt>");
        insta::assert_snapshot!(format!("several_keys_{width}x{height}"), screen(&app));
    }
}
