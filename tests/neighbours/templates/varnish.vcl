vcl 4.1;

backend awaitd { .host = "127.0.0.1"; .port = "@awaitd@"; }
