import KerasModels

private let paper = "https://arxiv.org/abs/1707.07012"

/// NASNet-A with 4 cells a stack, for 224 × 224 pixels.
public let NASNetMobile = Application(
  "NASNetMobile", modelName: "nasnet_mobile", size: 224, preprocessing: .tf, parameters: 5_326_716,
  features: 1056, accuracy: (74.4, 91.9), paper: paper,
  NASNet(penultimateFilters: 1056, cells: 4, stemFilters: 32, skipsReduction: false, defaultSize: 224))

/// NASNet-A with 6 cells a stack, for 331 × 331 pixels.
public let NASNetLarge = Application(
  "NASNetLarge", modelName: "nasnet_large", size: 331, preprocessing: .tf, parameters: 88_949_818,
  features: 4032, accuracy: (82.5, 96.0), paper: paper,
  NASNet(penultimateFilters: 4032, cells: 6, stemFilters: 96, skipsReduction: true, defaultSize: 331))
