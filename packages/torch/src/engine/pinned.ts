/**
 * @file Checksums of all wheels that may be fetched, one a line: version of torch, platform, name and version of the wheel, SHA-256,
 * bytes. From PyPI's own index. A Linux wheel with CUDA wants cudart and cupti even on a machine without a GPU, and nothing more.
 */
export const PINNED = `
2.9.1  linux-x64    torch                    2.9.1   27331cd902fb4322252657f3902adf1c4f6acad9dcad81d8df3ae14c7c4f07c4 899742281
2.9.1  linux-x64    nvidia-cuda-runtime-cu12 12.8.90 adade8dcbd0edf427b7204d480d6066d33902cab2a4707dcfc48a2d0fd44ab90 954765
2.9.1  linux-x64    nvidia-cuda-cupti-cu12   12.8.90 ea0cb07ebda26bb9b29ba82cda34849e73c166c18162d3913575b0c9db9a6182 10248621
2.9.1  linux-arm64  torch                    2.9.1   da5f6f4d7f4940a173e5572791af238cb0b9e21b1aab592bd8b26da4c99f1cd6 104126592
2.9.1  darwin-arm64 torch                    2.9.1   c0d25d1d8e531b8343bea0ed811d5d528958f1dcbd37e7245bc686273177ad7e 74479191
2.10.0 linux-x64    torch                    2.10.0  98c01b8bb5e3240426dcde1446eed6f40c778091c8544767ef1168fc663a05a6 915622781
2.10.0 linux-x64    nvidia-cuda-runtime-cu12 12.8.90 adade8dcbd0edf427b7204d480d6066d33902cab2a4707dcfc48a2d0fd44ab90 954765
2.10.0 linux-x64    nvidia-cuda-cupti-cu12   12.8.90 ea0cb07ebda26bb9b29ba82cda34849e73c166c18162d3913575b0c9db9a6182 10248621
2.10.0 linux-arm64  torch                    2.10.0  5fd4117d89ffd47e3dcc71e71a22efac24828ad781c7e46aaaf56bf7f2796acf 145996088
2.10.0 darwin-arm64 torch                    2.10.0  13ec4add8c3faaed8d13e0574f5cd4a323c11655546f91fbe6afa77b57423574 79498202
2.11.0 linux-x64    torch                    2.11.0  0f68f4ac6d95d12e896c3b7a912b5871619542ec54d3649cf48cc1edd4dd2756 530712279
2.11.0 linux-x64    nvidia-cuda-runtime      13.0.96 7f82250d7782aa23b6cfe765ecc7db554bd3c2870c43f3d1821f1d18aebf0548 2243632
2.11.0 linux-x64    nvidia-cuda-cupti        13.0.85 4eb01c08e859bf924d222250d2e8f8b8ff6d3db4721288cf35d14252a4d933c8 10715597
2.11.0 linux-arm64  torch                    2.11.0  f99924682ef0aa6a4ab3b1b76f40dc6e273fca09f367d15a524266db100a723f 419731115
2.11.0 linux-arm64  nvidia-cuda-runtime      13.0.96 ef9bcbe90493a2b9d810e43d249adb3d02e98dd30200d86607d8d02687c43f55 2261060
2.11.0 linux-arm64  nvidia-cuda-cupti        13.0.85 796bd679890ee55fb14a94629b698b6db54bcfd833d391d5e94017dd9d7d3151 10310827
2.11.0 darwin-arm64 torch                    2.11.0  4b5866312ee6e52ea625cd211dcb97d6a2cdc1131a5f15cc0d87eec948f6dd34 80606338
2.12.1 linux-x64    torch                    2.12.1  649e4ced014ba646f76f8cb9c9726735a6323eb321b7919f942790a923f90921 532261322
2.12.1 linux-x64    nvidia-cuda-cupti        13.0.85 4eb01c08e859bf924d222250d2e8f8b8ff6d3db4721288cf35d14252a4d933c8 10715597
2.12.1 linux-x64    nvidia-cuda-runtime      13.0.96 7f82250d7782aa23b6cfe765ecc7db554bd3c2870c43f3d1821f1d18aebf0548 2243632
2.12.1 linux-arm64  torch                    2.12.1  2de4e19b88a481482c6c75291f2d6a52eda3ce51f311b29aa9b68499c830c07c 426382721
2.12.1 linux-arm64  nvidia-cuda-cupti        13.0.85 796bd679890ee55fb14a94629b698b6db54bcfd833d391d5e94017dd9d7d3151 10310827
2.12.1 linux-arm64  nvidia-cuda-runtime      13.0.96 ef9bcbe90493a2b9d810e43d249adb3d02e98dd30200d86607d8d02687c43f55 2261060
2.12.1 darwin-arm64 torch                    2.12.1  d2dd0f2c5f7ccbddaf34cade0deaf476808368f902b9cdb7f36a2ab42301bc0e 87991951
2.13.0 linux-x64    torch                    2.13.0  796633c4cdf0fe2cdced72d8f88f22e73dbcfce83132763162f6d4bff13b820b 526605292
2.13.0 linux-x64    nvidia-cuda-cupti        13.0.85 4eb01c08e859bf924d222250d2e8f8b8ff6d3db4721288cf35d14252a4d933c8 10715597
2.13.0 linux-x64    nvidia-cuda-runtime      13.0.96 7f82250d7782aa23b6cfe765ecc7db554bd3c2870c43f3d1821f1d18aebf0548 2243632
2.13.0 linux-arm64  torch                    2.13.0  572df8be8ffb4599c88cbd6a0726f1f854f4da65d2e3c09f0e2c2283333cd6d4 427210998
2.13.0 linux-arm64  nvidia-cuda-cupti        13.0.85 796bd679890ee55fb14a94629b698b6db54bcfd833d391d5e94017dd9d7d3151 10310827
2.13.0 linux-arm64  nvidia-cuda-runtime      13.0.96 ef9bcbe90493a2b9d810e43d249adb3d02e98dd30200d86607d8d02687c43f55 2261060
2.13.0 darwin-arm64 torch                    2.13.0  2fe228aba290d14b9f31b049be550dbd469c3fd3013d7a19705b30454da97027 111213045
2.14.1 linux-x64    torch                    2.14.1  23011fe29a99b591eabb3a31a25080c62e2c2f0690a3c798744e5489dae50451 554618695
2.14.1 linux-x64    nvidia-cuda-cupti        13.0.85 4eb01c08e859bf924d222250d2e8f8b8ff6d3db4721288cf35d14252a4d933c8 10715597
2.14.1 linux-x64    nvidia-cuda-runtime      13.0.96 7f82250d7782aa23b6cfe765ecc7db554bd3c2870c43f3d1821f1d18aebf0548 2243632
2.14.1 linux-arm64  torch                    2.14.1  0b13acde294b401509830d85a8906cbf2fc97425a12a66cce1d9fa13c5106a2a 453998918
2.14.1 linux-arm64  nvidia-cuda-cupti        13.0.85 796bd679890ee55fb14a94629b698b6db54bcfd833d391d5e94017dd9d7d3151 10310827
2.14.1 linux-arm64  nvidia-cuda-runtime      13.0.96 ef9bcbe90493a2b9d810e43d249adb3d02e98dd30200d86607d8d02687c43f55 2261060
2.14.1 darwin-arm64 torch                    2.14.1  420dbf314c180ee4b86e9bc00aee5746a7d6e5bacdd7df925af671ed393f0b2e 127307099
2.15.0 linux-x64    torch                    2.15.0  6d8c86f4e33a9f12a58149bd9b0d64351632b8eb44479be8ff85e5389932dd79 539172785
2.15.0 linux-x64    nvidia-cuda-runtime      13.2.86 3498247680dfddce31bad102af7e3e26fc795342a3cac64722bb0fa95e7f60f0 2323576
2.15.0 linux-x64    nvidia-cuda-cupti        13.2.86 8fa29f15dd8336181f961764d9d95236fc6b931dd0c8fcf8cd70aab0c310b586 11988600
2.15.0 linux-arm64  torch                    2.15.0  9e51cf9460c5441dcd2a4f31ece207e35ea7c3d2535be0f929cca4944e2eeb18 483664949
2.15.0 linux-arm64  nvidia-cuda-runtime      13.2.86 37844957894bfdecf90243568d21a2cb251b66106915b71459a23c8e6ef2da69 2341433
2.15.0 linux-arm64  nvidia-cuda-cupti        13.2.86 d9a5c133f73fcb9013f3ada0da6fb54d4117618d81f3f5a0419417ea6ee829d4 11760263
2.15.0 darwin-arm64 torch                    2.15.0  593e5fd0c204284890d1c3dff643be34e549e1d24523e13402510f960d4da438 138558517
`;
