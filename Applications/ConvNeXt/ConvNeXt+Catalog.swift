import KerasModels

private let paper = "https://arxiv.org/abs/2201.03545"

/// ConvNeXt, tiny.
public let ConvNeXtTiny = Application(
  "ConvNeXtTiny", modelName: "convnext_tiny", size: 224, parameters: 28_589_128, features: 768,
  accuracy: (81.3, nil), paper: paper,
  ConvNeXt(name: "convnext_tiny", depths: [3, 3, 9, 3], widths: [96, 192, 384, 768]))

/// ConvNeXt, small.
public let ConvNeXtSmall = Application(
  "ConvNeXtSmall", modelName: "convnext_small", size: 224, parameters: 50_223_688, features: 768,
  accuracy: (82.3, nil), paper: paper,
  ConvNeXt(name: "convnext_small", depths: [3, 3, 27, 3], widths: [96, 192, 384, 768]))

/// ConvNeXt, base.
public let ConvNeXtBase = Application(
  "ConvNeXtBase", modelName: "convnext_base", size: 224, parameters: 88_591_464, features: 1024,
  accuracy: (85.3, nil), paper: paper,
  ConvNeXt(name: "convnext_base", depths: [3, 3, 27, 3], widths: [128, 256, 512, 1024]))

/// ConvNeXt, large.
public let ConvNeXtLarge = Application(
  "ConvNeXtLarge", modelName: "convnext_large", size: 224, parameters: 197_767_336, features: 1536,
  accuracy: (86.3, nil), paper: paper,
  ConvNeXt(name: "convnext_large", depths: [3, 3, 27, 3], widths: [192, 384, 768, 1536]))

/// ConvNeXt, extra large.
public let ConvNeXtXLarge = Application(
  "ConvNeXtXLarge", modelName: "convnext_xlarge", size: 224, parameters: 350_196_968, features: 2048,
  accuracy: (86.7, nil), paper: paper,
  ConvNeXt(name: "convnext_xlarge", depths: [3, 3, 27, 3], widths: [256, 512, 1024, 2048]))
