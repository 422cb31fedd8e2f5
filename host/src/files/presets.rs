//! What is special about the buckets of known providers: for forms that ask for one.

use serde::Serialize;

/// A provider of buckets.
#[derive(Debug, Clone, Copy, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Preset {
    pub id: &'static str,
    pub name: &'static str,
    /// With `{region}` or `{account}` where the operator's own goes.
    pub endpoint: &'static str,
    /// A usual one, or the only one.
    pub region: &'static str,
    pub force_path_style: bool,
    /// What to know about the key.
    pub hint: &'static str,
}

/// Those that are known, in the order to show them.
pub const PRESETS: [Preset; 7] = [
    Preset {
        id: "aws",
        name: "Amazon S3",
        endpoint: "https://s3.{region}.amazonaws.com",
        region: "us-east-1",
        force_path_style: false,
        hint: "A user with s3:PutObject, s3:GetObject, s3:DeleteObject on the bucket's objects and s3:ListBucket on the bucket.",
    },
    Preset {
        id: "minio",
        name: "MinIO",
        endpoint: "http://127.0.0.1:9000",
        region: "us-east-1",
        force_path_style: true,
        hint: "An access key of a user with the policy readwrite.",
    },
    Preset {
        id: "r2",
        name: "Cloudflare R2",
        endpoint: "https://{account}.r2.cloudflarestorage.com",
        region: "auto",
        force_path_style: true,
        hint: "An API token of R2 with Object Read & Write on the bucket.",
    },
    Preset {
        id: "b2",
        name: "Backblaze B2",
        endpoint: "https://s3.{region}.backblazeb2.com",
        region: "us-west-004",
        force_path_style: false,
        hint: "An application key with Read and Write; the region is part of the bucket's endpoint.",
    },
    Preset {
        id: "spaces",
        name: "DigitalOcean Spaces",
        endpoint: "https://{region}.digitaloceanspaces.com",
        region: "fra1",
        force_path_style: false,
        hint: "A Spaces access key with Read/Write/Delete on the bucket.",
    },
    Preset {
        id: "wasabi",
        name: "Wasabi",
        endpoint: "https://s3.{region}.wasabisys.com",
        region: "eu-central-1",
        force_path_style: false,
        hint: "An access key of a user who may read, write, list and delete in the bucket.",
    },
    Preset {
        id: "hetzner",
        name: "Hetzner Object Storage",
        endpoint: "https://{region}.your-objectstorage.com",
        region: "fsn1",
        force_path_style: false,
        hint: "Credentials of the project that owns the bucket.",
    },
];

#[cfg(test)]
mod tests {
    use super::super::S3Config;
    use super::super::s3::S3;
    use super::*;
    use std::collections::HashSet;

    #[test]
    fn each_is_a_bucket_once_it_is_filled_in() {
        let ids: HashSet<&str> = PRESETS.iter().map(|preset| preset.id).collect();
        assert_eq!(ids.len(), PRESETS.len());
        for preset in PRESETS {
            let config = S3Config {
                enabled: true,
                bucket: "files".into(),
                region: preset.region.into(),
                endpoint: preset.endpoint.replace("{region}", preset.region).replace("{account}", "0123abcd"),
                access_key: "key".into(),
                secret: "secret".into(),
                force_path_style: preset.force_path_style,
                ..S3Config::default()
            };
            assert!(config.is_complete() && S3::new(&config).is_ok(), "{}", preset.id);
        }
    }
}
