//! The page behind a refusal of the edge's own: Danish first, English second, nothing needed to read it.

use super::http::Response;

/// The built-in page for `status`, used where the server has set no page of its own.
pub fn plain(status: u16) -> Response {
    let (danish, english) = words(status);
    let page = format!(
        "<!doctype html>\n<html lang=\"da\">\n<meta charset=\"utf-8\">\n\
         <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n\
         <title>{}</title>\n<main>\n<h1>{}</h1>\n<p>{}</p>\n<p><a href=\"/\">Gå til forsiden</a></p>\n\
         <section lang=\"en\">\n<h2>{}</h2>\n<p>{}</p>\n<p><a href=\"/\">Go to the front page</a></p>\n\
         </section>\n</main>\n</html>\n",
        danish.0, danish.0, danish.1, english.0, english.1
    );
    Response::html(status, page)
}

/// A heading and what to do, in Danish and in English.
type Words = ((&'static str, &'static str), (&'static str, &'static str));

fn words(status: u16) -> Words {
    match status {
        404 => (
            ("Siden findes ikke", "Adressen er måske skrevet forkert, eller siden er flyttet."),
            ("Page not found", "The address may be misspelt, or the page has moved."),
        ),
        408 => (
            ("Det tog for lang tid", "Forbindelsen er langsom eller blev afbrudt. Prøv igen."),
            ("That took too long", "The connection is slow or was cut. Please try again."),
        ),
        413 => (
            ("Det er for meget på én gang", "Gør dine svar kortere, og send dem igen."),
            ("That is too much at once", "Please shorten your answers and send them again."),
        ),
        429 => (
            (
                "Vent et øjeblik",
                "Der kommer for mange forespørgsler fra din forbindelse. Prøv igen om lidt.",
            ),
            (
                "Please wait a moment",
                "Too many requests come from your connection. Try again shortly.",
            ),
        ),
        500 => (
            ("Der skete en fejl hos os", "Det er ikke din skyld. Prøv igen om lidt."),
            (
                "Something went wrong here",
                "It is not your fault. Please try again in a little while.",
            ),
        ),
        503 => (
            ("Vi har travlt lige nu", "Vent et øjeblik, og prøv igen."),
            ("We are busy right now", "Please wait a moment and try again."),
        ),
        _ => (
            ("Det forstod vi ikke", "Gå tilbage, og prøv igen."),
            ("We did not understand that", "Please go back and try again."),
        ),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::server::http::Body;

    #[test]
    fn speaks_danish_first_and_english_second() {
        for status in [400, 404, 405, 408, 411, 413, 414, 417, 429, 431, 500, 501, 503, 505] {
            let Body::Bytes(page) = plain(status).body else { panic!("a page in memory") };
            let page = String::from_utf8(page).expect("UTF-8");
            let danish = page.find("Gå til forsiden").expect("Danish");
            assert!(danish < page.find("Go to the front page").expect("English"));
            assert!(!page.contains("style="), "the policy forbids styles in the page");
        }
    }
}
