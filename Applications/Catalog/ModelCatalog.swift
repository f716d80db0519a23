import KerasModels

/// The models of the zoo.
public enum ModelCatalog {
  /// Family by family, smaller ones first.
  public static let all: [Application] = [
    VGG16, VGG19,
    ResNet18, ResNet34, ResNet50, ResNet101, ResNet152, ResNet50V2, ResNet101V2, ResNet152V2,
    ResNeXt50, ResNeXt101,
    ResNetRS50, ResNetRS101, ResNetRS152, ResNetRS200, ResNetRS270, ResNetRS350, ResNetRS420,
    Xception, InceptionV3, InceptionResNetV2,
    mobileNet, mobileNetV2, mobileNetV3Small, mobileNetV3Large,
    DenseNet121, DenseNet169, DenseNet201,
    NASNetMobile, NASNetLarge,
    EfficientNetB0, EfficientNetB1, EfficientNetB2, EfficientNetB3, EfficientNetB4, EfficientNetB5,
    EfficientNetB6, EfficientNetB7,
    EfficientNetV2B0, EfficientNetV2B1, EfficientNetV2B2, EfficientNetV2B3, EfficientNetV2S, EfficientNetV2M,
    EfficientNetV2L,
    ConvNeXtTiny, ConvNeXtSmall, ConvNeXtBase, ConvNeXtLarge, ConvNeXtXLarge,
    RegNetX002, RegNetX004, RegNetX006, RegNetX008, RegNetX016, RegNetX032, RegNetX040, RegNetX064, RegNetX080,
    RegNetX120, RegNetX160, RegNetX320,
    RegNetY002, RegNetY004, RegNetY006, RegNetY008, RegNetY016, RegNetY032, RegNetY040, RegNetY064, RegNetY080,
    RegNetY120, RegNetY160, RegNetY320,
    CIFAR10ResNet20,
  ]

  /// The application called `name`, in Keras' or the command's spelling; case, `-` and `_` do not count.
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
