import KerasModels

private let paper = "https://arxiv.org/abs/2003.13678"

/// RegNetX of 200 million multiply-adds.
public let RegNetX002 = Application(
  "RegNetX002", size: 224, parameters: 2_705_640, features: 368, accuracy: nil, paper: paper,
  RegNet(kind: .x, name: "regnetx002", depths: [1, 1, 4, 7], widths: [24, 56, 152, 368], groupWidth: 8))

/// RegNetX of 400 million multiply-adds.
public let RegNetX004 = Application(
  "RegNetX004", size: 224, parameters: 5_194_184, features: 384, accuracy: nil, paper: paper,
  RegNet(kind: .x, name: "regnetx004", depths: [1, 2, 7, 12], widths: [32, 64, 160, 384], groupWidth: 16))

/// RegNetX of 600 million multiply-adds.
public let RegNetX006 = Application(
  "RegNetX006", size: 224, parameters: 6_229_320, features: 528, accuracy: nil, paper: paper,
  RegNet(kind: .x, name: "regnetx006", depths: [1, 3, 5, 7], widths: [48, 96, 240, 528], groupWidth: 24))

/// RegNetX of 800 million multiply-adds.
public let RegNetX008 = Application(
  "RegNetX008", size: 224, parameters: 7_296_968, features: 672, accuracy: nil, paper: paper,
  RegNet(kind: .x, name: "regnetx008", depths: [1, 3, 7, 5], widths: [64, 128, 288, 672], groupWidth: 16))

/// RegNetX of 1.6 billion multiply-adds.
public let RegNetX016 = Application(
  "RegNetX016", size: 224, parameters: 9_233_640, features: 912, accuracy: nil, paper: paper,
  RegNet(kind: .x, name: "regnetx016", depths: [2, 4, 10, 2], widths: [72, 168, 408, 912], groupWidth: 24))

/// RegNetX of 3.2 billion multiply-adds.
public let RegNetX032 = Application(
  "RegNetX032", size: 224, parameters: 15_359_112, features: 1008, accuracy: nil, paper: paper,
  RegNet(kind: .x, name: "regnetx032", depths: [2, 6, 15, 2], widths: [96, 192, 432, 1008], groupWidth: 48))

/// RegNetX of 4 billion multiply-adds.
public let RegNetX040 = Application(
  "RegNetX040", size: 224, parameters: 22_194_312, features: 1360, accuracy: nil, paper: paper,
  RegNet(kind: .x, name: "regnetx040", depths: [2, 5, 14, 2], widths: [80, 240, 560, 1360], groupWidth: 40))

/// RegNetX of 6.4 billion multiply-adds.
public let RegNetX064 = Application(
  "RegNetX064", size: 224, parameters: 26_283_464, features: 1624, accuracy: nil, paper: paper,
  RegNet(kind: .x, name: "regnetx064", depths: [2, 4, 10, 1], widths: [168, 392, 784, 1624], groupWidth: 56))

/// RegNetX of 8 billion multiply-adds.
public let RegNetX080 = Application(
  "RegNetX080", size: 224, parameters: 39_663_112, features: 1920, accuracy: nil, paper: paper,
  RegNet(kind: .x, name: "regnetx080", depths: [2, 5, 15, 1], widths: [80, 240, 720, 1920], groupWidth: 120))

/// RegNetX of 12 billion multiply-adds.
public let RegNetX120 = Application(
  "RegNetX120", size: 224, parameters: 46_202_440, features: 2240, accuracy: nil, paper: paper,
  RegNet(kind: .x, name: "regnetx120", depths: [2, 5, 11, 1], widths: [224, 448, 896, 2240], groupWidth: 112))

/// RegNetX of 16 billion multiply-adds.
public let RegNetX160 = Application(
  "RegNetX160", size: 224, parameters: 54_389_704, features: 2048, accuracy: nil, paper: paper,
  RegNet(kind: .x, name: "regnetx160", depths: [2, 6, 13, 1], widths: [256, 512, 896, 2048], groupWidth: 128))

/// RegNetX of 32 billion multiply-adds.
public let RegNetX320 = Application(
  "RegNetX320", size: 224, parameters: 107_973_576, features: 2520, accuracy: nil, paper: paper,
  RegNet(kind: .x, name: "regnetx320", depths: [2, 7, 13, 1], widths: [336, 672, 1344, 2520], groupWidth: 168))

/// RegNetY of 200 million multiply-adds.
public let RegNetY002 = Application(
  "RegNetY002", size: 224, parameters: 3_183_844, features: 368, accuracy: nil, paper: paper,
  RegNet(kind: .y, name: "regnety002", depths: [1, 1, 4, 7], widths: [24, 56, 152, 368], groupWidth: 8))

/// RegNetY of 400 million multiply-adds.
public let RegNetY004 = Application(
  "RegNetY004", size: 224, parameters: 4_371_296, features: 440, accuracy: nil, paper: paper,
  RegNet(kind: .y, name: "regnety004", depths: [1, 3, 6, 6], widths: [48, 104, 208, 440], groupWidth: 8))

/// RegNetY of 600 million multiply-adds.
public let RegNetY006 = Application(
  "RegNetY006", size: 224, parameters: 6_084_920, features: 608, accuracy: nil, paper: paper,
  RegNet(kind: .y, name: "regnety006", depths: [1, 3, 7, 4], widths: [48, 112, 256, 608], groupWidth: 16))

/// RegNetY of 800 million multiply-adds.
public let RegNetY008 = Application(
  "RegNetY008", size: 224, parameters: 6_293_056, features: 768, accuracy: nil, paper: paper,
  RegNet(kind: .y, name: "regnety008", depths: [1, 3, 8, 2], widths: [64, 128, 320, 768], groupWidth: 16))

/// RegNetY of 1.6 billion multiply-adds.
public let RegNetY016 = Application(
  "RegNetY016", size: 224, parameters: 11_255_102, features: 888, accuracy: nil, paper: paper,
  RegNet(kind: .y, name: "regnety016", depths: [2, 6, 17, 2], widths: [48, 120, 336, 888], groupWidth: 24))

/// RegNetY of 3.2 billion multiply-adds.
public let RegNetY032 = Application(
  "RegNetY032", size: 224, parameters: 19_502_498, features: 1512, accuracy: nil, paper: paper,
  RegNet(kind: .y, name: "regnety032", depths: [2, 5, 13, 1], widths: [72, 216, 576, 1512], groupWidth: 24))

/// RegNetY of 4 billion multiply-adds.
public let RegNetY040 = Application(
  "RegNetY040", size: 224, parameters: 20_708_928, features: 1088, accuracy: nil, paper: paper,
  RegNet(kind: .y, name: "regnety040", depths: [2, 6, 12, 2], widths: [128, 192, 512, 1088], groupWidth: 64))

/// RegNetY of 6.4 billion multiply-adds.
public let RegNetY064 = Application(
  "RegNetY064", size: 224, parameters: 30_665_684, features: 1296, accuracy: nil, paper: paper,
  RegNet(kind: .y, name: "regnety064", depths: [2, 7, 14, 2], widths: [144, 288, 576, 1296], groupWidth: 72))

/// RegNetY of 8 billion multiply-adds.
public let RegNetY080 = Application(
  "RegNetY080", size: 224, parameters: 39_265_812, features: 2016, accuracy: nil, paper: paper,
  RegNet(kind: .y, name: "regnety080", depths: [2, 4, 10, 1], widths: [168, 448, 896, 2016], groupWidth: 56))

/// RegNetY of 12 billion multiply-adds.
public let RegNetY120 = Application(
  "RegNetY120", size: 224, parameters: 51_918_928, features: 2240, accuracy: nil, paper: paper,
  RegNet(kind: .y, name: "regnety120", depths: [2, 5, 11, 1], widths: [224, 448, 896, 2240], groupWidth: 112))

/// RegNetY of 16 billion multiply-adds.
public let RegNetY160 = Application(
  "RegNetY160", size: 224, parameters: 83_712_956, features: 3024, accuracy: nil, paper: paper,
  RegNet(kind: .y, name: "regnety160", depths: [2, 4, 11, 1], widths: [224, 448, 1232, 3024], groupWidth: 112))

/// RegNetY of 32 billion multiply-adds.
public let RegNetY320 = Application(
  "RegNetY320", size: 224, parameters: 145_205_058, features: 3712, accuracy: nil, paper: paper,
  RegNet(kind: .y, name: "regnety320", depths: [2, 5, 12, 1], widths: [232, 696, 1392, 3712], groupWidth: 232))
