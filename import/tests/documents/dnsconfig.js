D("example.com", REG_NONE, DnsProvider(DSP_R53),
  A("@", "192.0.2.1")
);
