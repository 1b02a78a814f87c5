//! Who gets where: staff of a panel reach nothing of another's by any address, and what they may not see looks
//! like what there is not.

use super::{ADDRESSES, BOTH, CITY, Hall, LOCALS, UNSURE, sign_up};

#[test]
fn everybody_reaches_their_own_and_what_is_not_theirs_is_not_there() {
    let hall = Hall::new();
    let secrets = hall.secrets();
    for (path, who_may) in ADDRESSES {
        for lang in ["", "en/"] {
            let path = format!("/staff/{lang}{path}");
            let visitors = [("boss", &hall.boss), ("kirsten", &hall.kirsten), ("olga", &hall.olga)];
            for ((name, visitor), may) in visitors.into_iter().zip(who_may) {
                let reply = visitor.get(&path);
                let expected = if may { 200 } else { 404 };
                assert_eq!(reply.status, expected, "{name} at {path}");
                let body = &reply.body;
                assert!(!body.contains("room_"), "{path} has words that are missing: {body}");
                assert!(!body.contains("<script"), "{path} has a script");
                let found = secrets.iter().find(|secret| body.contains(secret.as_str()));
                assert_eq!(found, None, "{name} at {path}");
                // One and the same page, but for the address in the links to other languages.
                if !may {
                    let other = visitor.get(&format!("/staff/{lang}nowhere"));
                    let plain =
                        |body: &str, path: &str| body.replace(path, "").replace("nowhere", "");
                    let short = path.trim_start_matches("/staff/").trim_start_matches("en/");
                    assert_eq!(plain(body, short), plain(&other.body, short), "{name} at {path}");
                }
            }
        }
        // Nothing but the members' page takes a form.
        if path != "members" {
            let csrf = hall.boss.get("/staff/members").csrf();
            let posted = hall.boss.post(&format!("/staff/{path}"), &[("_csrf", &csrf)]);
            assert_eq!(posted.status, 404, "{path}");
        }
    }
    for (path, _) in ADDRESSES {
        let stranger = crate::staff::Visitor::at(hall.town.central_address());
        let reply = stranger.get(&format!("/staff/{path}"));
        assert_eq!(reply.leads_to(), "/staff/login", "{path}");
    }
    members_of_others_are_nobody(&hall);
    a_sign_up_in_somebodys_name_opens_nothing_of_theirs(&hall);
}

/// Whoever looks after a panel can write anybody's address into its form.
fn a_sign_up_in_somebodys_name_opens_nothing_of_theirs(hall: &Hall) {
    const NEW: &str = "ny@gaden.example.dk";
    let told = [CITY, NEW].map(|email| {
        sign_up(&hall.members(), email, "oesterbro");
        let shown = hall.look_up(&hall.olga, email);
        assert_eq!(shown.status, 200);
        assert!(shown.body.contains("Tilmeldingen er ikke bekræftet endnu."), "{}", shown.body);
        assert!(shown.body.contains("oesterbro") && !shown.body.contains("kbh"), "{}", shown.body);
        let copy = hall.with_member(&hall.olga, &[("email", email), ("do", "download")]);
        let end = [("email", email), ("do", "end"), ("sure", "yes"), ("panel", "oesterbro")];
        let ended = hall.with_member(&hall.olga, &end);
        assert!(ended.body.contains("Medlemskabet er afsluttet."), "{}", ended.body);
        [shown, copy, ended].map(|reply| {
            for known in ["1970", "Fødselsår", "Bydel"] {
                assert!(!reply.body.contains(known), "{known}: {}", reply.body);
            }
            reply.body.replace(email, "")
        })
    });
    let [city, new] = told.map(|pages| pages.map(|page| without_token(&page)));
    assert_eq!(city, new, "whether another panel knows the address");
    assert_eq!(hall.look_up(&hall.boss, CITY).status, 200, "still the city's");
    assert_eq!(hall.look_up(&hall.boss, NEW).status, 422, "nobody is left of them");
}

/// A page without the tokens of its forms.
fn without_token(page: &str) -> String {
    let parts = page.split("name=\"_csrf\" value=\"");
    parts.map(|part| part.split_once('"').map_or(part, |(_, rest)| rest)).collect()
}

fn members_of_others_are_nobody(hall: &Hall) {
    let nobody = |reply: crate::staff::Reply, what: &str| {
        assert_eq!(reply.status, 422, "{what}");
        assert!(reply.body.contains("Ingen, du kan se, har den adresse."), "{what}");
        assert!(!reply.body.contains("1970"), "{what}");
    };
    nobody(hall.look_up(&hall.kirsten, LOCALS), "another panel's");
    nobody(hall.look_up(&hall.olga, CITY), "another panel's");
    nobody(hall.look_up(&hall.olga, "ingen@example.dk"), "nobody's");
    for deed in ["download", "end", "erase"] {
        let fields = [("email", CITY), ("do", deed), ("sure", "yes"), ("panel", "oesterbro")];
        nobody(hall.with_member(&hall.olga, &fields), deed);
    }
    // Of somebody in both they see what is theirs.
    let seen = hall.look_up(&hall.olga, BOTH);
    assert_eq!(seen.status, 200);
    assert!(seen.body.contains("oesterbro") && !seen.body.contains("kbh"), "{}", seen.body);
    assert!(!seen.body.contains("parker"), "an invitation of another panel's");
    let fields = [("email", BOTH), ("do", "end"), ("sure", "yes"), ("panel", "kbh")];
    nobody(hall.with_member(&hall.olga, &fields), "another panel's membership");
    let fields = [("email", BOTH), ("do", "erase"), ("sure", "yes")];
    let shown = hall.with_member(&hall.olga, &fields);
    assert!(shown.body.contains("administratorens opgave"), "{}", shown.body);
    let copy = hall.with_member(&hall.olga, &[("email", BOTH), ("do", "download")]);
    assert!(copy.body.contains("oesterbro") && !copy.body.contains("kbh"), "{}", copy.body);
    // Without a token of the session nothing is shown, and nothing happens.
    let bare =
        hall.boss.post("/staff/members", &[("email", CITY), ("do", "erase"), ("sure", "yes")]);
    assert_eq!(bare.status, 403);
    let all = hall.members().all().expect("read");
    assert_eq!(all.len(), 33, "nobody was erased");
    assert_eq!(hall.look_up(&hall.kirsten, UNSURE).status, 200, "one who has yet to confirm");
}
