import KerasCore
import Testing

struct NearestNamesTests {
  private let models = ["VGG16", "VGG19", "ResNet50", "ResNet50V2", "ResNet101", "MobileNet", "MobileNetV2"]

  @Test(
    arguments: [
      ("resnet50", ["ResNet50", "ResNet50V2", "ResNet101"]), ("vgg_16", ["VGG16", "VGG19"]),
      ("vgg", ["VGG16", "VGG19"]), ("mobilnet", ["MobileNet", "MobileNetV2"]),
      ("Mobile-Net-V2", ["MobileNetV2", "MobileNet"]), ("transformer", []), ("", []),
    ] as [(String, [String])])
  func ranksByDistance(name: String, expected: [String]) {
    #expect(nearestNames(to: name, among: models) == expected)
  }

  @Test func namesAtMostAsManyAsAsked() {
    #expect(nearestNames(to: "resnet", among: models, limit: 2) == ["ResNet50", "ResNet50V2"])
    #expect(nearestNames(to: "resnet", among: [], limit: 2) == [])
  }
}
