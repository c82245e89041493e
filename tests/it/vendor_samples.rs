//! Credentials that vendors print in their own documentation are recognised as what they are.

use std::ops::Range;

use serde_json::Value;

use crate::support::Repo;
use As::{Dummy, Finding};

/// As what the scan reports a sample.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum As {
    /// As a credential.
    Finding,
    /// As one that is published, meant to be, visibly made up, or whose checksum fails.
    Dummy,
}

/// Vendor, rule, file, text and what it is reported as. The pages of the documentation are named above. In the
/// text `«…»` marks what is reported, `{~}` is nothing: no token-shaped string stands here.
#[rustfmt::skip]
const SAMPLES: &[(&str, &str, &str, &str, As)] = &[
    // https://filippo.io/age/age-keygen.1
    ("age", "age-secret", "key.txt", "«AGE-{~}SECRET-KEY-1N9JEPW6D{~}WJ0ZQUDX63F5A03GX8QU{~}W7PXDE39N8UYF82VZ9PC{~}8UFS3M7XA9»", Finding),
    ("age", "age-secret", "key.txt", "«AGE-{~}SECRET-KEY-PQ-1K30MY{~}PZAHAXHR22YHH27EGDVL{~}U0QNSUH3DSV7J7NR3X6D{~}9LHXNWSDLTV4T»", Finding),
    // https://github.com/akamai/AkamaiOPEN-edgegrid-python#readme
    ("Akamai", "akamai-edgegrid", ".edgerc", "access_token = «akab{~}-acc35t0k3nodujqunph{~}3w7hzp7-gtm6ij»", Finding),
    ("Akamai", "akamai-edgegrid", ".edgerc", "client_token = «akab{~}-c113ntt0k3n4qtari25{~}2bfxxbsl-yvsdj»", Finding),
    ("Akamai", "credential-assignment", ".edgerc", "client_secret = «C113{~}nt53KR3TN6N90yVuAgIC{~}xIRwsObLi0E67/N8eRN=»", Finding),
    // https://jwt.io
    ("Auth0", "jwt-token", "index.js", "const token = '«eyJh{~}bGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9.ey{~}JzdWI{~}iOiIxMjM0NTY3ODkwIiwibmFtZSI6IkpvaG4gRG9{~}lIiwiaWF0IjoxNTE2MjM5MDIyfQ.SflKxwRJSMeK{~}KF2QT4fwpMeJf36POk6yJV_adQssw5c»';", Dummy),
    // https://docs.aws.amazon.com/cli/latest/userguide/cli-configure-files.html
    ("AWS", "aws-access-key-id", "credentials.ini", "aws_access_key_id = «AKIA{~}IOSFODNN7EXAMPLE»", Dummy),
    ("AWS", "aws-secret-access-key", "credentials.ini", "aws_secret_access_key = «wJal{~}rXUtnFEMI/K7MDENG/bP{~}xRfiCYEXAMPLEKEY»", Dummy),
    // https://docs.aws.amazon.com/cli/latest/reference/sts/assume-role-with-saml.html
    ("AWS", "aws-session-token", "role.json", r#""SessionToken": "«IQoJ{~}b3JpZ2luX2VjEOz////////////////////wEXAM{~}PLEtMSJHMEUCIDoKK3JH9uGQE1z0sINr5M4jk+Na{~}8KHDcCYRVjJCZEvOAiEA3OvJGtw1EcViOleS2vhs{~}8VdCKFJQWPQrmGdeehM4IC1NtBmUpp2wUE8phUZa{~}mpKsburEDy0KPkyQDYwT7WZ0wq5VSXDvp75YU9HF{~}vlRd8Tx6q6fE8YQcHNVXAkiY9q6d+xo0rKwT38xV{~}qr7ZD0u0iPPkUL64lIZbqBAz+scqKmlzm8FDrypN{~}C9Yjc8fPOLn9FX9KSYvKTr4rvx3iSIlTJabIQwj2{~}ICCR/oLxBA==»","#, Dummy),
    // https://learn.microsoft.com/azure/cosmos-db/emulator
    ("Azure Cosmos DB", "weak-default-credential", "client.cs", r#"var client = new CosmosClient("«Acco{~}untEndpoint=https://{~}localhost:8081/;Acco{~}untKey=C2y6yDjf5/R+o{~}b0N8A7Cgv30VRDJIWEHL{~}M+4QDU5DE2nQ9nDuVTqo{~}bD4b8mGGyPMbIZnqyMsE{~}caGQy67XIw/Jw==»");"#, Finding),
    // https://github.com/Azure/Azurite#readme
    ("Azurite", "weak-default-credential", "local.settings.json", r#""AzureWebJobsStorage": "«DefaultEndpointsProtocol=http;Acco{~}untName=devstoreaccount1;Acco{~}untKey=Eby8vdM02xNOc{~}qFlqUwJPLlmEtlCDXJ1O{~}UzFT50uSRZ6IFsuFq2UV{~}ErCz4I6tq/K1SZFPTOtr{~}/KBHBeksoGMGw==;Blob{~}Endpoint=http://127.{~}0.0.1:10000/devstore{~}account1»;","#, Finding),
    // https://github.com/bitcoin/bips/blob/master/bip-0032.mediawiki
    ("Bitcoin", "bip32-xprv", "bip-0032.md", "** ext prv: «xprv{~}9s21ZrQH143K3QTDL4LX{~}w2F7HEK3wJUD2nW2nRk4{~}stbPy6cq3jPPqjiChkVv{~}vNKmPGJxWUtg6LnF5kej{~}MRNNU3TGtRBeJgk33yuG{~}BxrMPHi»", Dummy),
    ("Bitcoin", "bip32-xprv", "bip-0032.md", "** ext prv: «xprv{~}9uHRZZhk6KAJC1avXpDA{~}p4MDc3sQKNxDiPvvkX8B{~}r5ngLNv1TxvUxt4cV1rG{~}L5hj6KCesnDYUhd7oWgT{~}11eZG7XnxHrnYeSvkzY7{~}d2bhkJ7»", Finding),
    // https://github.com/bitcoin/bips/blob/master/bip-0038.mediawiki
    ("Bitcoin", "bitcoin-wif", "bip-0038.md", "*Unencrypted (WIF): «5KN7{~}MzqK5wt2TP1fQCYyHBtD{~}rXdJuXbUzm4A9rKAteGu{~}3Qi5CVR»", Finding),
    // https://developer.box.com/guides/authentication/tokens/access-tokens
    ("Box", "credential-assignment", "token.json", r#""access_token": "«DkXZ{~}msjUKizvL2z0WiaLvMBe{~}Q756XCGGf»","#, Finding),
    // https://buildkite.com/docs/agent/self-hosted/configure
    ("Buildkite", "credential-assignment", "buildkite-agent.sh", r#"token="«24db{~}61df8338027652b24aad{~}f82dd483b016eef98fcd{~}332815»""#, Finding),
    // https://github.com/civo/cli#readme
    // The variable is named there, too.
    ("Civo", "civo-api-key", ".env", "CIVO_TOKEN=«DAb7{~}5oyqVeaE7BI6Aa74FaRS{~}P0E2tMZXkDWLC9wNQdcp{~}GfH51r»", Finding),
    // https://registry.terraform.io/providers/ClickHouse/clickhouse/latest/docs
    ("ClickHouse", "clickhouse-key", "main.tf", r#"token_secret    = "«4b1d{~}ROiHQEuSXJHlV8zHFd0S{~}7WQj7CGxz5kGJeJnca»""#, Finding),
    // https://github.com/cloudflare/terraform-provider-cloudflare#readme
    ("Cloudflare", "credential-assignment", "main.tf", r#"api_token = "«Sn3l{~}ZJTBX6kkg7OdcBUAxOO9{~}63GEIyGQqnFTOFYY»""#, Finding),
    // The variable is named there, too.
    ("Cloudflare", "cloudflare-token", ".env", "CLOUDFLARE_API_TOKEN=«Sn3l{~}ZJTBX6kkg7OdcBUAxOO9{~}63GEIyGQqnFTOFYY»", Finding),
    ("Cloudflare", "cloudflare-origin-ca", "main.tf", r#"user_service_key = "«v1.0{~}-144c9defac04969c7bfad8ef-631a41d003a32d{~}25fe878081ef365c49503f7fada600da935e2851{~}a1c7326084b85cbf6429c4b859de8475731dc92a{~}9c329631e6d59e6c73da7b198497172b4cefe071{~}d90d0f5d2719»""#, Finding),
    // https://www.cockroachlabs.com/docs/api/cloud/v1
    ("Cockroach Labs", "cockroach-key", "key.json", r#""secret": "«CCDB{~}1_12345abcdefGHIJKLM{~}nopq_NkdXLI9d81Mnx3d{~}js45iwPfgtnaRv0XCh0Z9047K»""#, Dummy),
    // https://github.com/confluentinc/terraform-provider-confluent/blob/HEAD/examples/configurations/kafka-ops-env-admin-product-team/README.md
    ("Confluent", "confluent-legacy", "env.sh", r#"export TF_VAR_confluent_cloud_api_secret="«I836{~}7Bs2VXTVKe+nvc54NlmW{~}DOdyYAiuoAX0ioG3pz1f{~}/o394viYwVaWFYnDHaEv»""#, Finding),
    // https://docs.digitalocean.com/reference/api/digitalocean/#operation/kubernetes_get_kubeconfig
    ("DigitalOcean", "kubeconfig-token", "kubeconfig.yaml", "kind: Config
preferences: {}
users:
- name: do-n{~}yc1-prod-cluster-01-admin
  user:
    token: «403d{~}085aaa80102277d8da97{~}ffd2db2b6a4f129d0e21{~}46098fdfb0cec624babc»", Finding),
    // https://docs.discord.com/developers/reference
    ("Discord", "bearer-header", "me.http", "Authorization: Bot «MTk4{~}NjIyNDgzNDcxOTI1MjQ4{~}.Cl2FMQ.ZnCjm1XVW7vR{~}ze4b7Cq4se7kKWs»", Finding),
    // https://docs.discord.com/developers/tutorials/configuring-app-metadata-for-linked-roles
    // The variable; the token as above.
    ("Discord", "discord-bot-token", ".env", "DISCORD_TOKEN=«MTk4{~}NjIyNDgzNDcxOTI1MjQ4{~}.Cl2FMQ.ZnCjm1XVW7vR{~}ze4b7Cq4se7kKWs»", Finding),
    // https://docs.discord.com/developers/topics/oauth2
    ("Discord", "discord-webhook", "webhook.json", r#""url": "https://«disc{~}ord.com/api/webhooks{~}/347114750880120863/{~}kKDdjXa1g9tKNs0-_yOw{~}LyALC9gydEWP6gr9sHab{~}uK1vuofjhQDDnlOclJeR{~}IvYK-pj_»","#, Finding),
    // https://github.com/moby/moby/blob/master/api/docs/v1.25.yaml
    ("Docker", "docker-swarm-join", "swarm.yaml", r#"JoinToken: "«SWMT{~}KN-1-3pu6hszjas19xyp{~}7ghgosyx9k8atbfcr8p2{~}is99znpy26u2lkl-7p73{~}s1dx5in4tatdymyhg9hu2»""#, Finding),
    ("Docker", "docker-swarm-unlock", "swarm.yaml", r#"UnlockKey: "«SWMK{~}EY-1-7c37Cc8654o6p38{~}HnroywCi19pllOnGtbdZ{~}EgtKxZu8»""#, Finding),
    // https://docs.drone.io/runner/docker/configuration/reference/drone-rpc-secret/
    ("Drone", "drone-token", ".env", "DRONE_RPC_SECRET=«bea2{~}6a2221fd8090ea38720f{~}c445eca6»", Finding),
    // https://docs.drone.io/runner/macstadium/install/
    ("Drone", "jwt-token", "install.json", r#""token": "«eyJh{~}bGciOiJIUzI1NiIsInR5{~}cCI6IkpXVCJ9.e30.Et9{~}HFtf9R3GEMA0IICOfFMV{~}XY7kkTX1wr4qCyhIf58U»","#, Finding),
    // https://www.dropbox.com/developers/documentation/http/documentation#oauth2-token
    ("Dropbox", "dropbox-token", "token.json", r#""access_token": "«sl.A{~}bX9y6Fe3AuH5o66-gmJpR032jwAwQPIVVzWXZNkd{~}zcYT02akC2de219dZi6gxYPVnYPrpvISRSf9lxKW{~}JzYLjtMPH-d9fo_0gXex7X37VIvpty4-G8f4-WX4{~}5AcEPfRnJJDwzv-»","#, Finding),
    // https://docs.dynatrace.com/managed/dynatrace-api/basics/dynatrace-api-authentication
    ("Dynatrace", "dynatrace-token", "token.txt", "«dt0s{~}01.ST2EY72KQINMH574W{~}MNVI7YN.G3DFPBEJYMOD{~}IDAEX454M7YWBUVEFOWK{~}PRVMWFASS64NFH52PX6B{~}NDVFFM572RZM»", Finding),
    // https://www.elastic.co/docs/api/doc/elasticsearch/operation/operation-security-create-api-key
    ("Elastic", "bearer-header", "health.sh", r#"curl -H "Authorization: ApiKey «VnVh{~}Q2ZHY0JDZGJrUW0tZTVh{~}T3g6dWkybHAyYXhUTm1z{~}eWFrdzl0dk5udw==»" http://localhost:9200/"#, Finding),
    // https://docs.github.com/apps/oauth-apps/building-oauth-apps/authorizing-oauth-apps
    ("GitHub", "github-oauth", "token.json", r#""access_token":"«gho_{~}16C7e42F292c6912E771{~}0c838347Ae178B4a»","#, Dummy),
    // https://cloud.google.com/docs/authentication/api-keys
    ("Google", "gcp-api-key", "call.sh", "curl 'http{~}s://language.googlea{~}pis.com/v1/documents{~}:analyzeEntities?key=«AIza{~}SyDaGmWKa4JsXZ-HjGw7{~}ISLn_3namBGewQe»'", Finding),
    // https://grafana.com/docs/grafana/latest/developers/http_api/serviceaccount/
    ("Grafana", "grafana-api-key", "token.json", r#""key": "«eyJr{~}IjoiVjFxTHZ6dGdPSjg5{~}Um92MjN1RlhjMkNqYkZU{~}bm9jYkwiLCJuIjoiZ3Jh{~}ZmFuYSIsImlkIjoxfQ==»""#, Finding),
    ("Grafana", "grafana-service-account", "revert.http", "DELETE /api{~}/serviceaccounts/1/r{~}evert/«glsa{~}_VVQjot0nijQ59lun6pM{~}ZRtsdBXxnFQ9M_77c34a79» HTTP/1.1", Finding),
    // https://developer.hashicorp.com/terraform/cloud-docs/api-docs/user-tokens
    ("HashiCorp", "terraform-cloud", "token.json", r#""token": "«6tL2{~}4nM38M7XWQ.atlasv1.K{~}mWckRfzeNmUVFNvpvwUE{~}ChKaLGznCSD6fPf3VPzq{~}MMVzmSxFU0p2Ibzpo2h5{~}eTGwPU»","#, Finding),
    // https://devcenter.heroku.com/articles/platform-api-reference
    ("Heroku", "heroku-api-key-v2", "schema.json", r#""example": "«HRKU{~}-01234567-89ab-cdef-{~}0123-456789abcdef»","#, Dummy),
    // https://hex.pm/docs/publish
    ("Hex", "hex-pm-key", "publish.sh", "HEX_API_KEY=«f48a{~}c236bca15c3271e077c1{~}5c5320c4» mix hex.publish --yes", Finding),
    // https://cloud.ibm.com/docs/cloud-object-storage?topic=cloud-object-storage-java
    // The value stands behind the name as a comment.
    ("IBM Cloud", "ibm-cloud-api-key", "Cos.java", r#"private static String COS_API_KEY_ID = "«0viP{~}HOY7LbLNa9eLftrtHPpT{~}joGv6hbLD1QalRXikliJ»";"#, Finding),
    // https://www.rfc-editor.org/rfc/rfc7517#appendix-A.2
    ("IETF", "jwk-private", "keys.json", r#"{"k{~}ty":"EC", "crv":"P-256",
 "x":"MKBC{~}TNIcKUSDii11ySs3526i{~}DZ8AiTo7Tu6KPAqv7D4",
 "y":"4Etl{~}6SRW2YiLUrN5vfvVHuhp{~}7x8PxltmWWlbbM4IFyM",
 "d":"«870M{~}B6gfuTJ4HtUnUvYMyJpr{~}5eUZNP4Bk43bVdj3eAE»"}"#, Dummy),
    // https://www.rfc-editor.org/rfc/rfc7519#section-3.1
    ("IETF", "jwt-token", "jwt.md", "    «eyJ0{~}eXAiOiJKV1QiLA0KICJhbGciOiJIUzI1NiJ9.ey{~}J{~}pc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODA{~}sDQogImh0dHA6Ly9leGFtcGxlLmNvbS9pc19yb29{~}0Ijp0cnVlfQ.dBjftJeZ4CVP-mB92K27uhbUJU1p{~}1r_wW1gFWFOEjXk»", Dummy),
    // https://www.rfc-editor.org/rfc/rfc8410#section-10.3
    ("IETF", "private-key", "key.pem", "«-----BEGIN {~}PRIVATE KEY-----
MC4C{~}AQAwBQYDK2VwBCIEINTu{~}ctv5E1hK1bbY8fdp+K06{~}/nwoy/HU++CXqI9EdVhC
-----END {~}PRIVATE KEY-----»", Dummy),
    // https://kubernetes.io/docs/reference/access-authn-authz/bootstrap-tokens/
    ("Kubernetes", "kubernetes-secret-data", "secret.yaml", "apiVersion: v1
kind: Secret
metadata:
  name: boot{~}strap-token-07401b
  namespace: kube-system
type: bootstrap.kubernetes.io/token
stringData:
  token-id: 07401b
  token-secret: «f395accd246ae52d»", Finding),
    // https://docs.lob.com
    ("Lob", "lob-key", "addresses.sh", r"curl https://api.lob.com/v1/addresses \
  -u «test{~}_0dc8d51e0acffcb1880{~}e0f19c79b2f5b0cc»:", Finding),
    // https://github.com/mailgun/documentation/blob/HEAD/source/samples/get-validate-deprecated.rst
    ("Mailgun", "mailgun-pubkey", "validate.php", "$mgClient = new Mailgun('«pubk{~}ey-5ogiflzbnjrljiky4{~}9qxsiozqef5jxp7»');", Finding),
    // https://developers.mattermost.com/api-documentation/#/#authentication
    ("Mattermost", "bearer-header", "me.sh", "curl -i -H 'Authorization: Bearer «hyr5{~}dmb1mbb49c44qmx4whniso»' http://localhost:8065/api/v4/users/me", Finding),
    // https://docs.nats.io/running-a-nats-service/configuration/securing_nats/auth_intro/nkey_auth
    ("NATS", "nats-seed", "nkey.txt", "«SUAC{~}SSL3UAHUDXKFSNVUZRF5{~}UHPMWZ6BFDTJ7M6USDXI{~}EDNPPQYYYCU3VY»", Finding),
    // https://ngrok.com/docs/agent/config/v2
    ("ngrok", "ngrok-token", "ngrok.yml", "authtoken: «4nq9{~}771bPxe8ctg7LKr_2ClH{~}7Y15Zqe4bWLWF9p»", Finding),
    ("ngrok", "credential-assignment", "ngrok.yml", "api_key: «24yR{~}d5U3DestCQapJrrVHLOq{~}iAC_7RviwRqpd3wc9dKLujQZN»", Finding),
    // https://github.com/nostr-protocol/nips/blob/master/06.md
    ("Nostr", "nostr-nsec", "06.md", r"nsec: «nsec{~}10allq0gjx7fddtzef0a{~}x00mdps9t2kmtrldkyjf{~}s8l5xruwvh2dq0lhhkp»\", Finding),
    // https://github.com/okta/okta-developer-docs/blob/HEAD/packages/@okta/vuepress-site/books/api-security/api-keys/other-options/index.md
    // The name is that of Okta's Terraform provider.
    ("Okta", "okta-token", ".env", "OKTA_API_TOKEN=«00aB{~}CdE0FGHijklmNO1pQ2RS{~}tuvWx34Y5z67ABCDEf»", Dummy),
    // https://developer.okta.com/docs/guides/client-secret-rotation-key/main/
    ("Okta", "credential-assignment", "secret.json", r#""client_secret": "«D0Hx{~}Bn1FtTXeYC4cSBwWL_sP{~}MztMT2t6Ei9n1QjO»","#, Finding),
    // https://openrouter.ai/docs/api-reference/o-auth/exchange-authorization-code-for-api-key
    ("OpenRouter", "openrouter-key", "key.yaml", "key: '«sk-o{~}r-v1-0e6f44a47a05f1d{~}ad2ad7e88c4c1d6b7768{~}8157716fb1a5271146f7{~}464951c96»'", Finding),
    // https://github.com/paypal/PayPal-Python-SDK#readme
    ("PayPal", "paypal-secret", "pay.sh", "export PAYPAL_CLIENT_SECRET=«EO42{~}2dn3gQLgDbuwqTjzrFgF{~}taRLRR5BdHEESmha49TM»", Finding),
    // https://github.com/PaystackOSS/paystack-cli/blob/HEAD/parsers/apis.json
    // The request that the file describes.
    ("Paystack", "paystack-key", "request.sh", r#"curl https://api.paystack.co/paymentrequest -H "Authorization: Bearer «sk_t{~}est_d10560c705c1c402{~}ff1e2406d88135e698261251»""#, Finding),
    // https://pusher.com/docs/channels/library_auth_reference/auth-signatures/
    ("Pusher", "credential-assignment", "sign.rb", r#"secret = "«7ad3{~}773142a6692b25b8»""#, Finding),
    // https://pusher.com/docs/channels/server_api/webhooks/
    // The variable; the secret as above.
    ("Pusher", "pusher-secret", ".env", "PUSHER_APP_SECRET=«7ad3{~}773142a6692b25b8»", Finding),
    // https://razorpay.com/docs/payments/payment-gateway/android-integration/custom/payment-methods/turbo-upi/integration-noui-mock/
    ("Razorpay", "razorpay-key", "upi.md", "- Use the `«rzp_{~}test_0wFRWIZnH65uny»` API key id for testing on the UAT environment.", Finding),
    // https://doc.rust-lang.org/cargo/reference/registries.html
    ("Rust", "cargo-credentials", ".cargo/credentials.toml", r#"[registries.my-registry]
token = "«854D{~}vwSlUwEHtIo3kWy6x7UC{~}PKHfzCmy»""#, Finding),
    // https://github.com/sendgrid/docs/blob/old-develop/source/Classroom/Basics/API/what_is_my_api_key.md
    ("SendGrid", "sendgrid-key", "mail.http", "Authorization: Bearer «SG.n{~}geVfQFYQlKU0ufo8x5d1{~}A.TwL2iGABf9DHoTf-09{~}kqeF8tAmbihYzrnopKc-1s5cr»", Finding),
    // https://develop.sentry.dev/sdk/store/
    ("Sentry", "credential-in-url", "dsn.txt", "«http{~}s://b70a31b3510c4cf7{~}93964a185cfe1fd0:b7d{~}80b520139450f903720e{~}b7991bf3d@sentry.exa{~}mple.com»/1", Finding),
    // https://docs.slack.dev/reference/methods/oauth.v2.access
    ("Slack", "slack-bot", "access.json", r#""access_token": "«xoxb{~}-17653672481-1987469{~}8323-pdFZKVeTuE8sk7o{~}OcBrzbqgy»","#, Finding),
    // https://docs.slack.dev/messaging/sending-messages-using-incoming-webhooks
    ("Slack", "slack-webhook", "post.sh", r#"curl -X POST --data '{"text":"Hello, World!"}' https://«hook{~}s.slack.com/services{~}/T00000000/B00000000{~}/XXXXXXXXXXXXXXXXXXXXXXXX»"#, Dummy),
    // https://github.com/square/square-nodejs-sdk/blob/HEAD/reference.md
    ("Square", "square-secret", "token.ts", r#"clientSecret: "«sq0c{~}sp-30a-4C_tVOnTh14Pi{~}za2BfTPBXyLafLPWSzY1{~}qAjeBfM»","#, Finding),
    // https://developers.stellar.org/docs/build/guides/basics/automate-reset-data
    ("Stellar", "stellar-seed", "reset.ts", r#"const secretkey = "«SBGG{~}NMUPVF2SDN4KZOJQFVFX{~}7VDR4Q4NK3FMEFRQC64D{~}3UBMFELKF5GC»"; // This is an example of a user's secret key"#, Finding),
    // https://docs.stripe.com/api/authentication
    ("Stripe", "stripe-test", "charge.sh", r"curl https://api.stripe.com/v1/charges \
  -u «sk_t{~}est_BQokikJOvBiI2HlW{~}gH4olfQ2»:", Dummy),
    // https://github.com/stripe/openapi/blob/HEAD/openapi/fixtures3.json
    ("Stripe", "stripe-payment-intent", "intent.json", r#""client_secret": "«pi_1{~}PgafyB7WZ01zgkWSjxsA{~}Jo3_secret_Dm43xiq1k{~}0ywrRRjDoi8y1gkM»","#, Finding),
    // https://github.com/stytchauth/stytch-node#readme
    ("Stytch", "frontegg-stytch-secret", "client.js", r#"secret: "«secr{~}et-live-80JASucyk7z_{~}G8Z-7dVwZVGXL5NT_qGAQ2I=»","#, Finding),
    // https://github.com/supabase/cli/blob/HEAD/packages/stack/docs/architecture.md
    ("Supabase", "supabase-secret", "keys.ts", r#"export const defaultSecretKey = "«sb_s{~}ecret_N7UND0UgjKTVK-{~}Uodkm0Hg_xSvEMPvz»";"#, Finding),
    // https://supabase.com/docs/reference/cli/supabase-status
    ("Supabase", "jwt-token", "status.sh", r#"SERVICE_ROLE_KEY="«eyJh{~}bGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9.ey{~}Jpc3M{~}iOiJzdXBhYmFzZS1kZW1vIiwicm9sZSI6InNlcnZ{~}pY2Vfcm9sZSIsImV4cCI6MTk4MzgxMjk5Nn0.EGI{~}M96RAZx35lJzdJsyH-qQwv8Hdp7fsn3W0YpN81IU»""#, Dummy),
    // https://core.telegram.org/bots#6-botfather
    ("Telegram", "telegram-bot", "bot.py", r#"TOKEN = "«1102{~}01543:AAHdqTcvCH1vGW{~}JxfSeofSAs0K5PALDsaw»""#, Finding),
    // https://core.telegram.org/bots/api#making-requests
    // The form of a request; the token as above.
    ("Telegram", "telegram-bot", "me.sh", "curl https://api.telegram.org/«bot1{~}10201543:AAHdqTcvCH1{~}vGWJxfSeofSAs0K5PALDsaw»/getMe", Finding),
    // https://github.com/TencentCloud/tencentcloud-cli#readme
    ("Tencent Cloud", "credential-assignment", "credential.ini", "secretKey = «OxXj{~}7khcV1234dQSSYNABcdC{~}c1LiArFd»", Finding),
    // https://github.com/twitchdev/twitch-cli/blob/HEAD/docs/token.md
    ("Twitch", "cli-password-arg", "refresh.sh", "twitch token --client-id uo6d{~}ggojyb8d6soh92zknwmi{~}5ej1q2 «--secret yigv{~}8zib6nuczcoy08u8g1nx{~}h6wjgu»", Finding),
    // https://github.com/typesense/typesense#readme
    ("Typesense", "cli-password-arg", "run.sh", "docker run type{~}sense/typesense:29.0 --data-dir /data «--ap{~}i-key=Hu52dwsas2AdxdE»", Finding),
    // https://upstash.com/docs/redis/howto/getstartedcloudflareworkers
    ("Upstash", "upstash-token", "wrangler.toml", r#"UPSTASH_REDIS_REST_TOKEN = "«AX_s{~}ASQgODM5ZjExZGEtMmI3{~}Mi00Mjcwk3NDIxMmEwNm{~}NkYjVmOGVmZTk5MzQ=»""#, Finding),
    // https://git.zx2c4.com/wireguard-tools/about/src/man/wg.8
    ("WireGuard", "wireguard-private", "wg0.conf", "[Interface]
PrivateKey = «yAnz{~}5TF+lXXJte14tji3zlMN{~}q+hd2rYUIgJBgB3fBmk=»
ListenPort = 51820", Finding),
    // https://docs.x.com/fundamentals/authentication/oauth-1-0a/authorizing-a-request
    ("X", "credential-assignment", "post.http", r#"oauth_token="«3707{~}73112-GmHxMAgYyLbNEt{~}IKZeRNFsMKPR9EyMZeS9{~}weJAEb»","#, Finding),
    // Under the name that applications give it.
    ("X", "twitter-oauth", ".env", "TWITTER_ACCESS_TOKEN=«3707{~}73112-GmHxMAgYyLbNEt{~}IKZeRNFsMKPR9EyMZeS9{~}weJAEb»", Finding),
    // https://docs.x.com/fundamentals/authentication/oauth-1-0a/creating-a-signature
    // Under the name that applications give it.
    ("X", "twitter-oauth", ".env", "TWITTER_CONSUMER_SECRET=«kAcS{~}OqF21Fu85e7zjz7ZN2U4{~}ZRhfV3WpwPAoE3Z7kBw»", Finding),
    // https://developer.zendesk.com/api-reference/introduction/security-and-auth/
    ("Zendesk", "curl-user", "users.sh", "«curl https://obscura.zendesk.com/api/v2/users.json -u jdoe{~}@example.com/token:6{~}wiIBWbGkBMo1mRDMuVwk{~}w1EPsNkeUj95PIz2akv»", Finding),
];

#[test]
fn vendors_own_samples_are_recognised() {
    let repo = Repo::git();
    for (at, (_, _, file, text, _)) in SAMPLES.iter().enumerate() {
        repo.write(&path(at, file), text.replace("{~}", "").replace(['«', '»'], ""));
    }
    let run = repo.run(&["--format", "json", "--profile", "audit", "--min-severity", "note"]);
    let report: Value = serde_json::from_str(&run.stdout).unwrap_or_else(|e| panic!("{e}: {}", run.stderr));
    let findings = report["findings"].as_array().expect("findings");
    let mut wrong = Vec::new();
    for (at, (vendor, rule, file, text, reported)) in SAMPLES.iter().enumerate() {
        let text = text.replace("{~}", "");
        let start = text.find('«').expect("a mark");
        let end = text.find('»').expect("a mark") - '«'.len_utf8();
        let here = findings.iter().filter(|finding| finding["path"] == path(at, file).as_str());
        let found: Vec<_> = here.filter_map(|finding| secret(finding, start..end)).collect();
        if found != [(format!("secrets/{rule}"), start..end, *reported)] {
            wrong.push(format!("{vendor}: {rule} at {start}..{end} as {reported:?}, found {found:?}"));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn the_samples_are_of_many_vendors() {
    let mut vendors: Vec<&str> = SAMPLES.iter().map(|sample| sample.0).collect();
    vendors.dedup();
    assert!(vendors.len() >= 40, "{}", vendors.len());
    assert!(vendors.is_sorted_by_key(|vendor| vendor.to_lowercase()), "by vendor, each vendor once");
}

fn path(at: usize, file: &str) -> String {
    format!("{at:03}/{file}")
}

/// A finding of the secrets family that overlaps this stretch: its rule, its own stretch, and as what.
fn secret(finding: &Value, sample: Range<usize>) -> Option<(String, Range<usize>, As)> {
    let rule = finding["rule"].as_str().filter(|rule| rule.starts_with("secrets/"))?;
    let of = |end: &str| finding["span"][end].as_u64().and_then(|at| usize::try_from(at).ok());
    let (start, end) = (of("start")?, of("end")?);
    let is_dummy =
        finding["message"].as_str().is_some_and(|message| message.starts_with("looks like a dummy"));
    let reported = if is_dummy { Dummy } else { Finding };
    (start < sample.end && sample.start < end).then(|| (rule.to_owned(), start..end, reported))
}
