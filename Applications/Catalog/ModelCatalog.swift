import KerasModels
import KerasWeights

/// VGG with 16 layers of weights.
public let VGG16 = Application(
  name: "VGG16", identifier: "vgg16", imageSize: 224, minimumSize: 32, preprocessing: .caffe,
  parameterCount: 138_357_544, featureCount: 512, publishedAccuracy: .init(top1: 71.3, top5: 90.1),
  paper: "https://arxiv.org/abs/1409.1556", family: VGG(.vgg16))

/// VGG with 19 layers of weights.
public let VGG19 = Application(
  name: "VGG19", identifier: "vgg19", imageSize: 224, minimumSize: 32, preprocessing: .caffe,
  parameterCount: 143_667_240, featureCount: 512, publishedAccuracy: .init(top1: 71.3, top5: 90.0),
  paper: "https://arxiv.org/abs/1409.1556", family: VGG(.vgg19))

/// ResNet with 50 layers.
public let ResNet50 = Application(
  name: "ResNet50", identifier: "resnet50", imageSize: 224, minimumSize: 32, preprocessing: .caffe,
  parameterCount: 25_636_712, featureCount: 2048, publishedAccuracy: .init(top1: 74.9, top5: 92.1),
  paper: "https://arxiv.org/abs/1512.03385", family: ResNet(.resNet50))

/// ResNet with 101 layers.
public let ResNet101 = Application(
  name: "ResNet101", identifier: "resnet101", imageSize: 224, minimumSize: 32, preprocessing: .caffe,
  parameterCount: 44_707_176, featureCount: 2048, publishedAccuracy: .init(top1: 76.4, top5: 92.8),
  paper: "https://arxiv.org/abs/1512.03385", family: ResNet(.resNet101))

/// ResNet with 152 layers.
public let ResNet152 = Application(
  name: "ResNet152", identifier: "resnet152", imageSize: 224, minimumSize: 32, preprocessing: .caffe,
  parameterCount: 60_419_944, featureCount: 2048, publishedAccuracy: .init(top1: 76.6, top5: 93.1),
  paper: "https://arxiv.org/abs/1512.03385", family: ResNet(.resNet152))

/// ResNet with 50 layers, second generation.
public let ResNet50V2 = Application(
  name: "ResNet50V2", identifier: "resnet50v2", imageSize: 224, minimumSize: 32, preprocessing: .tf,
  parameterCount: 25_613_800, featureCount: 2048, publishedAccuracy: .init(top1: 76.0, top5: 93.0),
  paper: "https://arxiv.org/abs/1603.05027", family: ResNetV2(.resNet50))

/// ResNet with 101 layers, second generation.
public let ResNet101V2 = Application(
  name: "ResNet101V2", identifier: "resnet101v2", imageSize: 224, minimumSize: 32, preprocessing: .tf,
  parameterCount: 44_675_560, featureCount: 2048, publishedAccuracy: .init(top1: 77.2, top5: 93.8),
  paper: "https://arxiv.org/abs/1603.05027", family: ResNetV2(.resNet101))

/// ResNet with 152 layers, second generation.
public let ResNet152V2 = Application(
  name: "ResNet152V2", identifier: "resnet152v2", imageSize: 224, minimumSize: 32, preprocessing: .tf,
  parameterCount: 60_380_648, featureCount: 2048, publishedAccuracy: .init(top1: 78.0, top5: 94.2),
  paper: "https://arxiv.org/abs/1603.05027", family: ResNetV2(.resNet152))

/// The models of the zoo.
public enum ModelCatalog {
  public static let all: [Application] = [
    VGG16, VGG19, ResNet50, ResNet101, ResNet152, ResNet50V2, ResNet101V2, ResNet152V2, mobileNet,
  ]

  /// MobileNet's row; the function ``MobileNet(inputShape:alpha:depthMultiplier:dropout:includeTop:weights:pooling:classes:classifierActivation:name:)``
  /// takes the settings that only it has.
  static let mobileNet = Application(
    name: "MobileNet", identifier: "mobilenet", imageSize: 224, minimumSize: 32,
    preprocessing: .tf,
    parameterCount: 4_253_864, featureCount: 1024, publishedAccuracy: .init(top1: 70.4, top5: 89.5),
    paper: "https://arxiv.org/abs/1704.04861", family: MobileNetFamily())

  /// The application called `name`, in Keras' or the command's spelling.
  ///
  /// - Throws: `unknownName`, listing the nearest names.
  public static func application(named name: String) throws(KerasError) -> Application {
    let wanted = name.lowercased().filter { $0 != "-" && $0 != "_" }
    if let application = all.first(where: { $0.identifier == wanted }) { return application }
    let names = nearestNames(to: name, among: all.map(\.identifier))
    throw KerasError(
      .unknownName, "There is no model called `\(name)`.",
      remedy: (names.isEmpty ? "" : "did you mean " + names.joined(separator: ", ") + "? ")
        + "`keras models` lists them all.")
  }
}
