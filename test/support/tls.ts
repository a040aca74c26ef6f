/**
 * A certificate for `localhost` and 127.0.0.1 that is its own authority, valid for a hundred years,
 * so that a test with TLS needs no tool. The key is public: it protects nothing.
 */
export const certificate = `-----BEGIN CERTIFICATE-----
MIIBmzCCAUGgAwIBAgIUZFOBU9so3Gfjq2WZzRF/L4DkfsswCgYIKoZIzj0EAwIw
FDESMBAGA1UEAwwJbG9jYWxob3N0MCAXDTI2MTEyMTAwMDcyN1oYDzIxMjYxMDI4
MDAwNzI3WjAUMRIwEAYDVQQDDAlsb2NhbGhvc3QwWTATBgcqhkjOPQIBBggqhkjO
PQMBBwNCAAQlATJ4ykf/ostKA8O0tHAGnndMMoHY/SuIKM3K34lKhLsKF0iVJwf7
S6JrJrkzDQSTYQdiHTGdYy7sywMCMkMmo28wbTAdBgNVHQ4EFgQUE6FDJRaA4+wR
ZhWhRRjxtRw2aE8wHwYDVR0jBBgwFoAUE6FDJRaA4+wRZhWhRRjxtRw2aE8wDwYD
VR0TAQH/BAUwAwEB/zAaBgNVHREEEzARgglsb2NhbGhvc3SHBH8AAAEwCgYIKoZI
zj0EAwIDSAAwRQIgJHG/88PyOVg4uBg9lmiFEIev9Nb8Gn3+czkt1KhOtZMCIQDc
T/yDhYWeypi+PHqmGYF83BnonqJ0denl0O0ezxJGfQ==
-----END CERTIFICATE-----
`

export const privateKey = `-----BEGIN PRIVATE KEY-----
MIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQgxJJY6gqImgEpH4jm
6bNDiqnoRtK0ox8vtWW7imL8SdihRANCAAQlATJ4ykf/ostKA8O0tHAGnndMMoHY
/SuIKM3K34lKhLsKF0iVJwf7S6JrJrkzDQSTYQdiHTGdYy7sywMCMkMm
-----END PRIVATE KEY-----
`
