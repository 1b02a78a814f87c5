//! What is done to members stays done, and is in the log under the name of whoever did it.

use super::{BOTH, CITY, Hall, LOCALS};

#[test]
fn members_are_shown_copied_ended_and_erased_in_somebodys_name() {
    let hall = Hall::new();
    let shown = hall.look_up(&hall.boss, CITY);
    assert_eq!(shown.status, 200);
    assert!(shown.body.contains(CITY) && shown.body.contains("1970"), "{}", shown.body);
    assert!(shown.body.contains("Østerbro") && shown.body.contains("parker"), "{}", shown.body);
    let wrong = hall.look_up(&hall.boss, "ikke en adresse");
    assert_eq!(wrong.status, 422);
    assert!(wrong.body.contains("Skriv den hele mailadresse"), "{}", wrong.body);

    let copy = hall.with_member(&hall.boss, &[("email", BOTH), ("do", "download")]);
    assert!(copy.head.contains("filename=\"medlem.json\""), "{}", copy.head);
    let known: serde_json::Value = serde_json::from_str(&copy.body).expect("JSON");
    assert_eq!(known["email"], BOTH);
    assert_eq!(known["memberships"].as_array().map(Vec::len), Some(2));
    assert_eq!(known["invitations"][0]["survey"], "parker");

    // Nothing happens without the tick.
    let asked = hall.with_member(&hall.boss, &[("email", CITY), ("do", "erase")]);
    assert!(asked.body.contains("Sæt hak ved ja først."), "{}", asked.body);
    assert_eq!(hall.look_up(&hall.boss, CITY).status, 200);
    let erased = hall.with_member(&hall.boss, &[("email", CITY), ("do", "erase"), ("sure", "yes")]);
    assert!(erased.body.contains("Slettet."), "{}", erased.body);
    assert!(!erased.body.contains(CITY), "an address that is erased");
    assert_eq!(hall.look_up(&hall.boss, CITY).status, 422);

    // Of two memberships one ends; of one the member is gone.
    let end = |email: &str| {
        let fields = [("email", email), ("do", "end"), ("sure", "yes"), ("panel", "oesterbro")];
        hall.with_member(&hall.olga, &fields).body
    };
    assert!(end(BOTH).contains("Medlemskabet er afsluttet."));
    assert!(end(LOCALS).contains("Slettet."));
    assert_eq!(hall.look_up(&hall.olga, BOTH).status, 422, "theirs no more");
    assert_eq!(hall.look_up(&hall.kirsten, BOTH).status, 200, "and still the city's");
    assert_eq!(hall.look_up(&hall.boss, LOCALS).status, 422);
    let roll = std::fs::read_to_string(hall.town.desk.path("data/central/erased.jsonl"));
    let roll = roll.expect("the roll");
    assert!(roll.contains("boss") && roll.contains("olga"), "{roll}");

    let log = hall.town.texts("SELECT actor || ' ' || action || ' ' || detail FROM audit_log");
    let count = |line: &str| log.iter().filter(|one| one.starts_with(line)).count();
    assert_eq!(count("boss member-erased "), 1, "{log:?}");
    assert_eq!(count("boss member-exported "), 1);
    assert_eq!(count("olga membership-ended "), 2);
    assert!(count("boss member-shown ") >= 2 && count("boss member-sought ") == 2, "{log:?}");
    assert!(!log.iter().any(|line| line.contains('@')), "an address in the log: {log:?}");

    let month = hall.members().standing("oesterbro", &today()[..7]).expect("counted");
    assert_eq!((month.members, month.left), (0, 2));
}

fn today() -> String {
    use borgerpanel::clock::{Clock, SystemClock, zone};
    SystemClock.today(&zone("Europe/Copenhagen").expect("a zone")).to_string()
}
