//! What each room says.

use super::{Hall, PLACE, page, ready};

/// The text of a page, without its tags.
fn text(body: &str) -> String {
    let mut out = String::new();
    for part in body.split('<') {
        out.push_str(part.split_once('>').map_or(part, |(_, text)| text));
        out.push(' ');
    }
    out.split_whitespace().collect::<Vec<_>>().join(" ")
}

fn says(body: &str, all: &[&str]) {
    let text = text(body);
    for one in all {
        assert!(text.contains(one), "no {one:?} in: {text}");
    }
}

#[test]
fn each_room_says_what_it_is_for() {
    let hall = Hall::new();
    ready(&hall.boss, "/staff/surveys");
    ready(&hall.boss, "/staff/log");

    let fleet = page(&hall.boss, "/staff/fleet");
    let version = env!("CARGO_PKG_VERSION");
    says(&fleet, &["valby", PLACE, "Har det godt", version, "GB", "Går rigtigt", "Sidst set"]);
    let kiosk = ready(&hall.boss, "/staff/fleet/valby");
    says(&kiosk, &["Modtaget i alt", "Svar fra de sidste 30 dage", "1–4"]);

    let surveys = page(&hall.boss, "/staff/surveys");
    says(&surveys, &["Havnen", "Lukket 1. februar 2026", "Parker", "Åben til", "80"]);
    let own = page(&hall.olga, "/staff/surveys");
    assert!(own.contains("Gaden") && !own.contains("Parker"), "{own}");

    let over = ready(&hall.boss, "/staff/surveys/havnen");
    says(&over, &["Svar i alt 80", "31. januar 2026 77", "30. januar 2026 1–4", "På nettet 80"]);
    says(&over, &["Færdige svar 79", "Stoppede undervejs 1", "Kom efter lukketid 6"]);
    says(&over, &["Ingen har sagt hvor længe", "færdige svar har mindst ét mærke"]);
    // Thirty-two members of the city's panel were invited; who and how many answered is in tens.
    let open = ready(&hall.kirsten, "/staff/surveys/parker");
    says(
        &open,
        &["Inviteret med mail, cirka 30", "cirka færre end 10", "Der er ingen svar endnu."],
    );

    let ahead = ready(&hall.kirsten, "/staff/surveys/parker/invite");
    says(
        &ahead,
        &[
            "Medlemmer, den er til 30",
            "Må inviteres i dag færre end 10",
            "Inviteret før til denne 30",
        ],
    );
    says(&ahead, &["borgerpanel invite parker", "Intet: I kan vente færre end 10 svar"]);

    let panel = ready(&hall.kirsten, "/staff/panels/kbh");
    says(&panel, &["Medlemmer 30", "Mangler at bekræfte færre end 10", "Højst 10 invitationer"]);
    says(&panel, &["Panelet ved siden af byen", "Bydel", "Østerbro", "For mange", "Parker"]);
    says(&panel, &["Hvor tit medlemmerne er spurgt", "1 30"]);

    let draft = ready(&hall.kirsten, "/staff/results/havnen");
    says(&draft, &["Foreløbig, må ikke deles", "af 79 færdige svar", "Kontrollen finder ingen"]);
    says(&draft, &["Bader du i havnen?", "--out content/results/havnen"]);
    assert!(!draft.contains("/data/"), "files that there are not");
    says(&ready(&hall.olga, "/staff/results/gaden"), &["Færre end 30 har slet ingen resultater"]);

    let start = page(&hall.boss, "/staff/");
    says(&start, &["Det skal I se på", "Havnen", "resultaterne er ikke offentliggjort endnu"]);
    says(&start, &["keep_answers_months", "Kiosker", "Log"]);
    assert!(!start.contains("Sikkerhedskopier"), "nobody asked for any");
    hall.keep_backups();
    says(&page(&hall.boss, "/staff/"), &["Sikkerhedskopier", "`borgerpanel central audit` siger"]);
    let start = page(&hall.olga, "/staff/");
    assert!(!start.contains("Sikkerhedskopier"), "{start}");
    assert!(!start.contains("Havnen") && !start.contains("/staff/fleet"), "{start}");
    says(&start, &["Lige nu er der ikke noget, der venter på dig."]);

    let log = ready(&hall.boss, "/staff/log");
    says(
        &log,
        &["Intet mangler", "boss", "Loggede ind", "Kiosk lukket ind", "Så foreløbige resultater"],
    );
    let own = page(&hall.boss, "/staff/log?who=kirsten&what=draft-shown");
    says(&own, &["kirsten Så foreløbige resultater havnen"]);
    assert!(!text(&own).contains("boss Så"), "{own}");
    let english = page(&hall.boss, "/staff/en/fleet");
    says(&english, &["Kiosks", "Well", "Free disk"]);
}

/// A long log is read page by page, and one that was tampered with says so.
#[test]
fn the_log_is_read_by_hundreds_and_a_broken_one_says_where() {
    let hall = Hall::new();
    let central = hall.database();
    for number in 0..230 {
        let entry = borgerpanel::store::central::log::Entry {
            at: "2026-11-24T10:00:00Z".to_owned(),
            actor: "console".to_owned(),
            action: "exported",
            detail: format!("prøve {number}."),
        };
        central.log(&entry).expect("logged");
    }
    let (mut path, mut seen) = ("/staff/log?what=exported".to_owned(), Vec::new());
    loop {
        let body = page(&hall.boss, &path);
        let found: Vec<u32> = body
            .split("prøve ")
            .skip(1)
            .map(|rest| rest.split('.').next().expect("a number").parse().expect("a number"))
            .collect();
        assert!(found.len() <= 100);
        seen.extend(found);
        let Some(older) = body.split("href=\"/staff/log?before=").nth(1) else { break };
        let query = older.split('"').next().expect("an address").replace("&amp;", "&");
        path = format!("/staff/log?before={query}");
    }
    assert_eq!(seen, (0..230).rev().collect::<Vec<_>>());
    let database = rusqlite::Connection::open(central.path()).expect("the database");
    let changed = database.execute("UPDATE audit_log SET actor = 'x' WHERE id = 2", []);
    assert_eq!(changed, Ok(1));
    drop(database);
    drop(central);
    let hall = hall.restarted();
    says(&ready(&hall.boss, "/staff/log"), &["Loggen er brudt ved linje 2"]);
    says(&page(&hall.boss, "/staff/"), &["Loggen er brudt ved linje 2"]);
}
