# Fills in the man page: cmake -DTEMPLATE=... -DOPTIONS=... -DPAGE=... -P ManPage.cmake
file(READ ${OPTIONS} AWAITD_MAN_OPTIONS)
string(STRIP "${AWAITD_MAN_OPTIONS}" AWAITD_MAN_OPTIONS)
# Heeds SOURCE_DATE_EPOCH.
string(TIMESTAMP AWAITD_MAN_DATE "%Y-%m-%d" UTC)
configure_file(${TEMPLATE} ${PAGE} @ONLY)
