import KerasModels

private let paper = "https://arxiv.org/abs/1512.03385"
private let secondPaper = "https://arxiv.org/abs/1603.05027"
private let nextPaper = "https://arxiv.org/abs/1611.05431"
private let revisitingPaper = "https://arxiv.org/abs/2103.07579"

/// ResNet with 50 layers.
public let ResNet50 = Application(
  "ResNet50", size: 224, preprocessing: .caffe, parameters: 25_636_712, features: 2048,
  accuracy: (74.9, 92.1), paper: paper, ResNet(.resNet50))

/// ResNet with 101 layers.
public let ResNet101 = Application(
  "ResNet101", size: 224, preprocessing: .caffe, parameters: 44_707_176, features: 2048,
  accuracy: (76.4, 92.8), paper: paper, ResNet(.resNet101))

/// ResNet with 152 layers.
public let ResNet152 = Application(
  "ResNet152", size: 224, preprocessing: .caffe, parameters: 60_419_944, features: 2048,
  accuracy: (76.6, 93.1), paper: paper, ResNet(.resNet152))

/// ResNet with 50 layers, second generation.
public let ResNet50V2 = Application(
  "ResNet50V2", size: 224, preprocessing: .tf, parameters: 25_613_800, features: 2048,
  accuracy: (76.0, 93.0), paper: secondPaper, ResNetV2(.resNet50))

/// ResNet with 101 layers, second generation.
public let ResNet101V2 = Application(
  "ResNet101V2", size: 224, preprocessing: .tf, parameters: 44_675_560, features: 2048,
  accuracy: (77.2, 93.8), paper: secondPaper, ResNetV2(.resNet101))

/// ResNet with 152 layers, second generation.
public let ResNet152V2 = Application(
  "ResNet152V2", size: 224, preprocessing: .tf, parameters: 60_380_648, features: 2048,
  accuracy: (78.0, 94.2), paper: secondPaper, ResNetV2(.resNet152))

/// ResNeXt with 50 layers, 32 groups of 4 channels.
public let ResNeXt50 = Application(
  "ResNeXt50", size: 224, preprocessing: .torch, parameters: 25_097_128, features: 2048,
  accuracy: (77.7, 93.8), paper: nextPaper, ResNeXt(.resNet50))

/// ResNeXt with 101 layers, 32 groups of 4 channels.
public let ResNeXt101 = Application(
  "ResNeXt101", size: 224, preprocessing: .torch, parameters: 44_315_560, features: 2048,
  accuracy: (78.7, 94.3), paper: nextPaper, ResNeXt(.resNet101))

/// ResNet with 18 layers of two convolutions a block, as the package `image-classifiers` publishes it; Keras has none.
public let ResNet18 = Application(
  "ResNet18", size: 224, parameters: 11_699_889, features: 512, accuracy: (68.2, 88.5), paper: secondPaper,
  BasicResNet(repeats: [2, 2, 2, 2]))

/// ResNet with 34 layers of two convolutions a block, as the package `image-classifiers` publishes it; Keras has none.
public let ResNet34 = Application(
  "ResNet34", size: 224, parameters: 21_815_473, features: 512, accuracy: (72.2, 90.7), paper: secondPaper,
  BasicResNet(repeats: [3, 4, 6, 3]))

/// ResNet with 20 layers for the ten classes of CIFAR-10. Its weights are part of this package and need no network.
public let CIFAR10ResNet20 = Application(
  "CIFAR10ResNet20", modelName: "cifar10_resnet20", size: 32, minimumSize: 8, preprocessing: .tf, parameters: 274_042,
  features: 64, accuracy: (87.7, nil), paper: paper, classes: .cifar10, resizing: .bilinearSquash,
  CIFARResNet(repeats: 3))

/// ResNet-RS with 50 layers.
public let ResNetRS50 = Application(
  "ResNetRS50", modelName: "resnet-rs-50", size: 224, parameters: 35_745_288, features: 2048,
  accuracy: (78.8, nil), paper: revisitingPaper,
  ResNetRS(depth: 50, repeats: [3, 4, 6, 3], dropout: 0.25, dropRate: 0, trainedSizes: [160]))

/// ResNet-RS with 101 layers.
public let ResNetRS101 = Application(
  "ResNetRS101", modelName: "resnet-rs-101", size: 224, parameters: 63_724_296, features: 2048,
  accuracy: (81.2, nil), paper: revisitingPaper,
  ResNetRS(depth: 101, repeats: [3, 4, 23, 3], dropout: 0.25, dropRate: 0, trainedSizes: [160, 192]))

/// ResNet-RS with 152 layers.
public let ResNetRS152 = Application(
  "ResNetRS152", modelName: "resnet-rs-152", size: 224, parameters: 86_773_256, features: 2048,
  accuracy: (83.0, nil), paper: revisitingPaper,
  ResNetRS(depth: 152, repeats: [3, 8, 36, 3], dropout: 0.25, dropRate: 0, trainedSizes: [192, 224, 256]))

/// ResNet-RS with 200 layers.
public let ResNetRS200 = Application(
  "ResNetRS200", modelName: "resnet-rs-200", size: 224, parameters: 93_386_248, features: 2048,
  accuracy: (83.4, nil), paper: revisitingPaper,
  ResNetRS(depth: 200, repeats: [3, 24, 36, 3], dropout: 0.25, dropRate: 0.1, trainedSizes: [256]))

/// ResNet-RS with 270 layers.
public let ResNetRS270 = Application(
  "ResNetRS270", modelName: "resnet-rs-270", size: 224, parameters: 130_104_520, features: 2048,
  accuracy: (83.8, nil), paper: revisitingPaper,
  ResNetRS(depth: 270, repeats: [4, 29, 53, 4], dropout: 0.25, dropRate: 0.1, trainedSizes: [256]))

/// ResNet-RS with 350 layers.
public let ResNetRS350 = Application(
  "ResNetRS350", modelName: "resnet-rs-350", size: 224, parameters: 164_268_360, features: 2048,
  accuracy: (84.2, nil), paper: revisitingPaper,
  ResNetRS(depth: 350, repeats: [4, 36, 72, 4], dropout: 0.4, dropRate: 0.1, trainedSizes: [256, 320]))

/// ResNet-RS with 420 layers.
public let ResNetRS420 = Application(
  "ResNetRS420", modelName: "resnet-rs-420", size: 224, parameters: 192_262_216, features: 2048,
  accuracy: (84.4, nil), paper: revisitingPaper,
  ResNetRS(depth: 420, repeats: [4, 44, 87, 4], dropout: 0.4, dropRate: 0.1, trainedSizes: [320]))
