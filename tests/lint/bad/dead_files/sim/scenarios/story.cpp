int story();
