//! The `OAuth2` providers that can be configured: a row each, in the order in which they are offered.

/// A provider's row.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Provider {
    pub name: &'static str,
    pub display_name: &'static str,
    /// Of its sign, as a hexadecimal colour.
    pub color: &'static str,
}

impl Provider {
    /// A sign of our own making, as an SVG: the first letter on the provider's colour.
    #[must_use]
    pub fn logo(&self) -> String {
        let letter = self.display_name.chars().next().unwrap_or('?');
        format!(
            "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 24 24\"><rect width=\"24\" height=\"24\" rx=\"6\" fill=\"{}\"/>\
             <text x=\"12\" y=\"17\" font-family=\"sans-serif\" font-size=\"14\" font-weight=\"600\" text-anchor=\"middle\" fill=\"#fff\">{letter}</text></svg>",
            self.color
        )
    }
}

/// The row of a name.
#[must_use]
pub fn find(name: &str) -> Option<&'static Provider> {
    ALL.iter().find(|provider| provider.name == name)
}

macro_rules! table {
    ($($name:literal $display_name:literal $color:literal;)*) => {
        pub const ALL: &[Provider] = &[$(Provider { name: $name, display_name: $display_name, color: $color }),*];
    };
}

table! {
    "apple" "Apple" "#000000";
    "google" "Google" "#4285f4";
    "microsoft" "Microsoft" "#00a4ef";
    "yandex" "Yandex" "#fc3f1d";
    "facebook" "Facebook" "#1877f2";
    "instagram2" "Instagram" "#e4405f";
    "github" "GitHub" "#24292f";
    "gitlab" "GitLab" "#fc6d26";
    "bitbucket" "Bitbucket" "#0052cc";
    "gitee" "Gitee" "#c71d23";
    "gitea" "Gitea" "#609926";
    "discord" "Discord" "#5865f2";
    "twitter" "Twitter" "#1d9bf0";
    "kakao" "Kakao" "#3c1e1e";
    "vk" "VK" "#0077ff";
    "linear" "Linear" "#5e6ad2";
    "notion" "Notion" "#111111";
    "monday" "monday.com" "#6161ff";
    "lark" "Lark" "#1456f0";
    "box" "Box" "#0061d5";
    "spotify" "Spotify" "#1db954";
    "trakt" "Trakt" "#ed1c24";
    "twitch" "Twitch" "#9146ff";
    "patreon" "Patreon" "#ff424d";
    "strava" "Strava" "#fc4c02";
    "wakatime" "WakaTime" "#111111";
    "livechat" "LiveChat" "#ff5100";
    "mailcow" "mailcow" "#5a3620";
    "planningcenter" "Planning Center" "#2266f7";
    "oidc" "OIDC" "#5f6b7a";
    "oidc2" "OIDC (2)" "#5f6b7a";
    "oidc3" "OIDC (3)" "#5f6b7a";
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_unique_and_signs_are_drawn() {
        for (position, provider) in ALL.iter().enumerate() {
            assert!(ALL[..position].iter().all(|other| other.name != provider.name), "{}", provider.name);
            assert!(provider.color.len() == 7 && provider.logo().ends_with("</svg>"), "{}", provider.name);
        }
        assert_eq!(find("github").map(|provider| provider.display_name), Some("GitHub"));
        assert_eq!((ALL.len(), find("nope")), (32, None));
    }
}
