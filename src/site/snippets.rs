//! Headers for a static host: what our own servers send, written for nginx and Caddy.

/// The headers of every page, by name. The servers (`server::headers`) send the same list, which
/// tests/suite/site.rs holds: `site` lies below `server` and cannot ask it.
pub const HEADERS: &[(&str, &str)] = &[
    (
        "Content-Security-Policy",
        "default-src 'none'; script-src 'self'; style-src 'self'; font-src 'self'; \
         img-src 'self'; connect-src 'self'; form-action 'self'; base-uri 'none'; \
         frame-ancestors 'none'; require-trusted-types-for 'script'; trusted-types 'none'",
    ),
    ("X-Content-Type-Options", "nosniff"),
    // `no-referrer` would make Chromium send `Origin: null` with a form.
    ("Referrer-Policy", "same-origin"),
    (
        "Permissions-Policy",
        "accelerometer=(), ambient-light-sensor=(), autoplay=(), battery=(), \
    bluetooth=(), browsing-topics=(), camera=(), clipboard-read=(), clipboard-write=(), \
    display-capture=(), document-domain=(), encrypted-media=(), fullscreen=(), gamepad=(), \
    geolocation=(), gyroscope=(), hid=(), identity-credentials-get=(), idle-detection=(), \
    local-fonts=(), magnetometer=(), microphone=(), midi=(), otp-credentials=(), payment=(), \
    picture-in-picture=(), publickey-credentials-create=(), publickey-credentials-get=(), \
    screen-wake-lock=(), serial=(), speaker-selection=(), storage-access=(), usb=(), \
    web-share=(), window-management=(), xr-spatial-tracking=()",
    ),
    ("Cross-Origin-Opener-Policy", "same-origin"),
];

/// What browsers may keep: hashed assets for ever, pages never.
pub const ASSETS_CACHE: &str = "public, max-age=31536000, immutable";
pub const PAGES_CACHE: &str = "no-store";

/// For the `server` block of nginx. Addresses with answers or tokens in them are not logged.
pub fn nginx() -> String {
    let headers = |indent: &str| {
        let lines = HEADERS.iter();
        lines
            .map(|(name, value)| format!("{indent}add_header {name} \"{value}\" always;\n"))
            .collect::<String>()
    };
    // A location with an `add_header` of its own inherits none, so each lists them all.
    format!(
        "# Include this in the server block; set $borgerpanel to the central, as in\n\
         # set $borgerpanel http://127.0.0.1:8090;\n\
         index index.html;\n\
         error_page 404 /404.html;\n\
         location /assets/ {{\n{assets}    add_header Cache-Control \"{ASSETS_CACHE}\" always;\n}}\n\
         location / {{\n{pages}    add_header Cache-Control \"{PAGES_CACHE}\" always;\n    \
         try_files $uri $uri/ =404;\n}}\n\
         # Answers go to the central, which also sends the page back with messages.\n\
         location ~ ^(/[a-z][a-z])?/(s|i|panel|kode)/ {{\n    access_log off;\n    \
         error_page 418 = @borgerpanel;\n    if ($request_method = POST) {{ return 418; }}\n\
         {pages}    add_header Cache-Control \"{PAGES_CACHE}\" always;\n    \
         try_files $uri $uri/ @borgerpanel;\n}}\n\
         location @borgerpanel {{\n    access_log off;\n    client_max_body_size 1m;\n    \
         proxy_pass $borgerpanel;\n    proxy_set_header Host $host;\n    \
         proxy_set_header X-Forwarded-For $remote_addr;\n}}\n",
        assets = headers("    "),
        pages = headers("    "),
    )
}

/// For the site's block of a Caddyfile.
pub fn caddy() -> String {
    let lines: String =
        HEADERS.iter().map(|(name, value)| format!("    {name} \"{value}\"\n")).collect();
    format!(
        "# Import this in the site's block, after `root * …/public`.\n\
         header {{\n{lines}    Cache-Control \"{PAGES_CACHE}\"\n    -Server\n}}\n\
         header /assets/* Cache-Control \"{ASSETS_CACHE}\"\n\
         @answers method POST\n\
         reverse_proxy @answers 127.0.0.1:8090\n\
         handle_errors {{\n    rewrite * /404.html\n    file_server\n}}\n\
         file_server\n"
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_header_is_in_both_snippets() {
        for (name, value) in HEADERS {
            assert!(nginx().matches(value).count() >= 2, "{name}");
            assert!(caddy().contains(value), "{name}");
            assert!(!value.contains('"'));
        }
    }
}
