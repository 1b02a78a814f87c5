//! Members from elsewhere, the panel beside the city, mails that came back, and what was found: the commands for
//! staff, on real files and a real mail server.

use std::fs;
use std::path::Path;

use serde_json::Value;

use crate::panel::{Office, close, uid};
use crate::postbox::Postbox;

/// The answer is no: what was said all the same.
fn refused(office: &Office, args: &[&str], code: i32) -> String {
    let done = office.desk.run(args);
    let told = [done.stdout, done.stderr].map(|said| String::from_utf8_lossy(&said).into_owned());
    assert_eq!(done.status.code(), Some(code), "{args:?}: {told:?}");
    told.concat()
}

const PEOPLE: &str = "\u{feff}E-mail;birth_year;Gender;district;education;language;panels\r\n\
    anna@example.dk;1970;female;valby;vocational;da;kbh\r\n\
    anna;1970;female;valby;;da;kbh\r\n\
    bo@example.dk;2090;;;;;kbh\r\n\
    \"karen@example.dk\";1981;female;oesterbro;;en;\"kbh oesterbro\"\r\n\
    ;;;;;;\r\n\
    dan@example.dk;1960;;atlantis;;;kbh\r\n\
    eva@example.dk;1960;;valby;;;kbh oesterbro\r\n\
    Anna@EXAMPLE.dk;1970;;;;;kbh\r\n\
    finn@example.dk;1960;;;;;nowhere\r\n\
    gry@example.dk;1960;;;;xx;kbh\r\n\
    hans@example.dk;1960;;;;da\r\n\
    ida@example.dk;YOUNG;;;;;kbh\r\n";

#[test]
fn a_table_of_members_is_held_to_what_the_form_asks_and_comes_once() {
    let office = Office::new();
    // Whoever turns fifteen this year may not be it yet, and nobody ticked a box.
    let turning = jiff::Timestamp::now().to_string()[..4].parse::<i32>().expect("a year") - 15;
    fs::write(office.desk.path("people.csv"), PEOPLE.replace("YOUNG", &turning.to_string()))
        .expect("a table");
    let import = ["panel", "import", "people.csv"];
    let told = refused(&office, &import, 1);
    let wanted = [
        ("3", "email: the panel's form refuses it"),
        ("4", "birth-year"),
        ("7", "kbh: district: the panel's form refuses it"),
        ("8", "oesterbro: district: the panel is for people of other districts"),
        ("9", "the address of line 2 once more"),
        ("10", "nowhere: there is no such panel"),
        ("11", "language: the site has no such language"),
        ("12", "6 cells, where the first line has 7"),
        ("13", "may not be 15 yet"),
    ];
    for (line, why) in wanted {
        let found = told.lines().find(|one| one.starts_with(&format!("people.csv:{line}: ")));
        assert!(found.is_some_and(|found| found.contains(why)), "{line} {why}: {told}");
    }
    assert!(told.contains("nothing was stored: mend the 9 rows"), "{told}");
    assert!(!told.contains('@'), "no address is told: {told}");
    assert!(office.desk.says(&["panel", "list"], 0).contains("nobody has signed up"));
    let told = refused(&office, &[&import[..], &["--partial", "--dry-run"]].concat(), 1);
    assert!(told.contains("2 rows could be taken in"), "{told}");
    assert!(office.desk.says(&["panel", "list"], 0).contains("nobody has signed up"));

    let told = refused(&office, &[&import[..], &["--partial", "--json"]].concat(), 1);
    let told: Value = serde_json::from_str(&told).expect("JSON");
    assert_eq!((&told["new"], &told["known"], &told["rows"]), (&2.into(), &0.into(), &11.into()));
    assert_eq!(told["refused"][0]["line"], 3);
    let list = office.desk.says(&["panel", "list"], 0);
    assert!(list.contains("kbh: 0 members, 2 not confirmed"), "{list}");
    assert!(list.contains("oesterbro: 0 members, 1 not confirmed"), "{list}");
    // The same table once more changes nothing, and asks nobody again.
    let told = refused(&office, &[&import[..], &["--partial"]].concat(), 1);
    assert!(told.contains("0 new, 0 in a further panel, 2 known already"), "{told}");
    let running = office.run();
    let mails = office.mails().remove("confirm").expect("mails");
    assert_eq!(mails.len(), 3, "one for each panel");
    for mail in &mails {
        let path = format!("/panel/confirm/{}", mail.token.expect("a link").to_hex());
        assert_eq!(office.post(&path, &[]).0, 200);
    }
    let shown = office.desk.says(&["panel", "show", "karen@example.dk"], 0);
    assert!(shown.contains("1981") && shown.contains("\"lang\": \"en\""), "{shown}");
    let log = office.texts("SELECT detail FROM audit_log WHERE action = 'members-imported'");
    assert_eq!(log, ["2 rows, each asked by mail"; 2]);
    drop(running);
}

#[test]
fn members_are_so_at_once_only_on_somebodys_word_and_keep_what_they_said_themselves() {
    let office = Office::new();
    let running = office.run();
    assert_eq!(office.sign_up("anna@example.dk", "1970", "valby"), 303);
    office.confirm_all();
    assert_eq!(office.sign_up("bo@example.dk", "1911", "valby"), 303, "whoever typed that");
    let before = office.mails().remove("confirm").expect("a mail").remove(0);
    let table = "email,birth_year,panels,district\nANNA@example.dk,1985,kbh oesterbro,oesterbro\n\
        bo@example.dk,1960,kbh,vanloese\nnew@example.dk,1990,kbh,\n";
    fs::write(office.desk.path("paper.csv"), table).expect("a table");
    let import = ["panel", "import", "paper.csv", "--confirmed-by"];
    assert_eq!(office.desk.run(&[&import[..], &[" "]].concat()).status.code(), Some(2));
    let word = "lists signed in May 2026, box 7";
    let told = office.desk.says(&[&import[..], &[word]].concat(), 0);
    assert!(told.contains("1 new, 2 in a further panel, 0 known"), "{told}");
    let told = office.desk.says(&[&import[..], &[word]].concat(), 0);
    assert!(told.contains("0 new, 0 in a further panel, 3 known"), "{told}");
    assert!(office.mails().is_empty(), "nobody is asked");
    let list = office.desk.says(&["panel", "list"], 0);
    assert!(
        list.contains("kbh: 3 members, 0 not") && list.contains("oesterbro: 1 members"),
        "{list}"
    );
    let anna = office.desk.says(&["panel", "show", "anna@example.dk"], 0);
    assert!(anna.contains("1970") && anna.contains("valby") && !anna.contains("1985"), "{anna}");
    assert!(anna.contains(&format!("import: {word}")), "{anna}");
    let bo = office.desk.says(&["panel", "show", "bo@example.dk"], 0);
    assert!(bo.contains("1960") && !bo.contains("1911"), "{bo}");
    // A link to what a stranger had typed does not hold any more.
    let path = format!("/panel/confirm/{}", before.token.expect("a link").to_hex());
    assert_ne!(office.post(&path, &[]).0, 200);
    let log = office.texts("SELECT detail FROM audit_log WHERE action = 'members-imported'");
    assert_eq!(log[0], format!("3 rows; import: {word}"));
    for (table, why) in [
        ("email;birth_year\n", "there is no column panels"),
        ("email;birth_year;panels;cpr\n", "is nothing that is kept of a member"),
        ("email;email;birth_year;panels\n", "is there twice"),
        ("", "there is no column email"),
    ] {
        fs::write(office.desk.path("odd.csv"), table).expect("a table");
        let told = refused(&office, &["panel", "import", "odd.csv"], 2);
        assert!(told.contains(why), "{table:?}: {told}");
    }
    fs::write(
        office.desk.path("odd.csv"),
        b"email;birth_year;panels\nj\xf8rgen@example.dk;1;kbh\n",
    )
    .expect("a table");
    assert!(refused(&office, &["panel", "import", "odd.csv"], 2).contains("CSV UTF-8"));
    drop(running);
}

#[test]
fn a_composition_tells_tens_and_nothing_of_a_few() {
    let office = Office::new();
    let mut table = "email;birth_year;gender;district;panels\n".to_owned();
    for number in 0..64 {
        let gender = if number % 4 == 0 { "male" } else { "female" };
        let district = if number < 57 { "valby" } else { "vanloese" };
        table.push_str(&format!("m{number}@example.dk;1970;{gender};{district};kbh\n"));
    }
    fs::write(office.desk.path("people.csv"), table).expect("a table");
    office.desk.says(&["panel", "import", "people.csv", "--confirmed-by", "a test"], 0);
    let json = office.desk.says(&["panel", "composition", "--panel", "kbh", "--json"], 0);
    let told: Value = serde_json::from_str(&json).expect("JSON");
    assert_eq!((&told["members"], &told["publish"]), (&60.into(), &"at most quarterly".into()));
    let group = |variable: &str, category: &str| -> Value {
        let all = told["variables"].as_array().expect("a list");
        let found = all.iter().find(|one| one["variable"] == variable).expect("a variable");
        let groups = found["groups"].as_array().expect("a list");
        groups.iter().find(|one| one["category"] == category).expect("a group").clone()
    };
    assert_eq!(group("gender", "female")["count"], 50);
    assert_eq!(group("gender", "male")["count"], 20);
    assert_eq!(group("district", "valby")["count"], 60);
    let few = group("district", "vanloese");
    assert!(few["count"].is_null() && few["panel"].is_null() && few["ratio"].is_null(), "{few}");
    assert_eq!(group("district", "bispebjerg")["count"], Value::Null, "nobody is told like a few");
    let told = office.desk.says(&["panel", "composition"], 0);
    for part in ["all panels: about 60 members", "D ", "skewed", "at most once a quarter"] {
        assert!(told.contains(part), "{part}: {told}");
    }
    refused(&office, &["panel", "composition", "--panel", "nowhere"], 2);
    let told = office.desk.says(&["panel", "composition", "--panel", "oesterbro"], 0);
    assert!(
        told.contains("oesterbro: under 10 members") && told.contains("D · (not told)"),
        "{told}"
    );
}

/// As a server of today writes it.
fn notice(id: &str, status: &str, said: &str) -> String {
    format!(
        "Return-Path: <>\nFrom: MAILER-DAEMON@mx.example.net\nSubject: Undelivered\n\
         Auto-Submitted: auto-generated\nContent-Type: multipart/report; boundary=\"AB\"\n\n\
         --AB\nContent-Type: message/delivery-status\n\nReporting-MTA: dns; mx.example.net\n\n\
         Final-Recipient: rfc822; x@example.net\nAction: failed\nStatus: {status}\n\
         Diagnostic-Code: smtp; {said}\n\n--AB\nContent-Type: text/rfc822-headers\n\n\
         Subject: Hvad synes du?\nMessage-ID: <{id}@example.dk>\n\n--AB--\n"
    )
}

#[test]
fn mails_that_came_back_mark_dead_addresses_once() {
    let office = Office::new();
    let running = office.run();
    for number in 0..4 {
        assert_eq!(office.sign_up(&format!("m{number}@example.dk"), "1970", "valby"), 303);
    }
    office.confirm_all();
    office.desk.says(&["invite", "parker"], 0);
    let mails = office.mails().remove("invitation").expect("mails");
    let id = |number: usize| format!("{:016x}", mails[number].id);
    drop(running);
    let told = refused(&office, &["panel", "bounces", "content/site.toml"], 2);
    assert!(told.contains("smtp.from"), "{told}");
    office.mails_to(&Postbox::open());
    // A mail in a file, two in an mbox beside a person's reply, one in a Maildir.
    let dead = notice(&id(0), "5.1.1", "550 No such user here");
    let full = notice(&id(1), "5.2.2", "552 mailbox full");
    let strange = notice("0123456789abcdef", "5.1.1", "550 5.1.1 unknown");
    let person = "From: bo@example.net\nSubject: Re: Hej\n\n550 5.1.1 is my lucky number\n";
    let mbox: String = [&full, &strange, person]
        .map(|mail| format!("From x@example.net Fri Nov 27 2026\n{mail}\n"))
        .concat();
    let write = |name: &str, text: &str| {
        let path = office.desk.path(name);
        fs::create_dir_all(path.parent().unwrap_or(Path::new(""))).expect("a folder");
        fs::write(path, text).expect("mails");
    };
    write("one.eml", &dead);
    write("box", &mbox);
    write("Maildir/new/1.host", &notice(&id(2), "5.1.10", "550 5.1.10 gone").replace('\n', "\r\n"));
    write("Maildir/tmp/2.host", &notice(&id(3), "5.1.1", "550 5.1.1 being written"));
    let all = ["panel", "bounces", "one.eml", "box", "Maildir"];
    let told = office.desk.says(&[&all[..], &["--json"]].concat(), 0);
    let told: Value = serde_json::from_str(&told).expect("JSON");
    let counts = ["mails", "noted", "dead", "known", "strange"].map(|name| told[name].as_u64());
    assert_eq!(counts, [5, 3, 2, 0, 1].map(Some), "{told}");
    let told = office.desk.says(&all, 0);
    assert!(told.contains("0 of ours came back, 3 were noted before"), "{told}");
    let members = office.members();
    let dead: Vec<bool> = mails
        .iter()
        .map(|mail| {
            let member = members.member(mail.member).expect("read").expect("a member");
            member.bounced.is_some()
        })
        .collect();
    assert_eq!(dead, [true, false, true, false]);
    let told = office.desk.says(&["invite", "parker", "--remind", "--dry-run"], 0);
    assert!(told.contains("4 were invited, 2 would be reminded"), "{told}");
    assert!(refused(&office, &["panel", "bounces", "content/site.toml"], 1).contains("0 of ours"));
}

#[test]
fn findings_go_once_to_everybody_who_was_asked_and_say_of_nobody_whether_they_answered() {
    let office = Office::new();
    let mut running = office.run();
    for number in 0..7 {
        assert_eq!(office.sign_up(&format!("m{number}@example.dk"), "1970", "valby"), 303);
    }
    office.confirm_all();
    office.desk.says(&["invite", "parker"], 0);
    let mails = office.mails().remove("invitation").expect("mails");
    for (number, mail) in mails.iter().take(3).enumerate() {
        let token = mail.token.expect("a link").to_hex();
        assert_eq!(office.answer(&token, &uid(number as u32)).0, 303);
    }
    let tell = ["invite", "parker", "--findings"];
    assert!(refused(&office, &tell, 2).contains("still open"));
    close(&office, running);
    assert!(refused(&office, &tell, 2).contains("not published"));
    let results = office.desk.path("content/results/parker");
    fs::create_dir_all(&results).expect("a folder");
    fs::write(results.join("index.html"), "<p>72 %</p>").expect("results");
    assert!(refused(&office, &tell, 2).contains("parker.md"));
    let found = "- Syv ud af ti bruger parken hver uge.\n- De fleste savner træer.\n\n\
        ## Det gør kommunen\n\nI 2027 plantes 400 træer. [Læs planen](/om/).\n";
    fs::write(office.desk.path("content/results/parker.md"), found).expect("findings");
    // One has left, one's address is dead.
    let members = office.members();
    let address = members.member(mails[6].member).expect("read").expect("one").fields.email;
    office.desk.says(&["panel", "erase", &address.to_string()], 0);
    members.mail_refused(mails[5].id, "550 5.1.1 unknown", "2026-11-27").expect("noted");
    let told = office.desk.says(&[&tell[..], &["--dry-run"]].concat(), 0);
    assert!(told.contains("6 were invited, 5 would be told"), "{told}");
    assert!(office.mails().is_empty());
    let told = office.desk.says(&[&tell[..], &["--json"]].concat(), 0);
    assert!(told.contains("\"told\":5"), "{told}");
    assert!(refused(&office, &tell, 1).contains("6 were invited, 0 will be told"), "once");

    // One was on its way when something stopped: it goes once more when a person says so, long after the end.
    let unsure = members.next_mail(i64::MAX).expect("read").expect("a mail");
    members.mail_handing_over(unsure.id).expect("noted");
    let told = office.desk.says(&["invite", "parker", "--unsure"], 0);
    assert!(told.contains("1 mails that may have arrived"), "{told}");

    let postbox = Postbox::open();
    office.mails_to(&postbox);
    running = office.run();
    let sent = postbox.wait_for(5);
    let mut bodies: Vec<String> = Vec::new();
    for mail in &sent {
        let text = mail.text();
        for part in [
            "- Syv ud af ti bruger parken hver uge.",
            "Det gør kommunen",
            "I 2027 plantes 400 træer.",
            "/r/parker/",
            "/om/",
        ] {
            assert!(text.contains(part), "{part}: {text}");
        }
        assert!(mail.html().contains("<li>De fleste savner træer.</li>"));
        assert!(mail.header("List-Unsubscribe-Post").contains("One-Click"));
        let stop = |link: &String| link.contains("/panel/stop/");
        let links = mail.links();
        let leave = links.iter().find(|link| stop(link)).expect("a way to leave");
        bodies.push(text.replace(leave.as_str(), ""));
    }
    bodies.dedup();
    assert_eq!(bodies.len(), 1, "all are alike, whoever has answered");
    let to: std::collections::BTreeSet<&str> = sent.iter().map(|mail| mail.to.as_str()).collect();
    assert_eq!(to.len(), 5);
    drop(running);
}
