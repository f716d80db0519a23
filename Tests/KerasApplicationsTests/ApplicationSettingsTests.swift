import KerasTestSupport
import Testing

/// What cannot be built is refused before anything is built or fetched, in words.
@Suite struct ApplicationSettingsTests {
  private func message(_ body: () throws(KerasError) -> ImageModel) -> String? {
    do {
      _ = try body()
      return nil
    } catch {
      return error.description
    }
  }

  @Test func theClassifierIsOneOfAThousand() {
    #expect(
      message { () throws(KerasError) in try ResNet50(classes: 10) } == """
        The published classifier names 1000 classes, found classes: 10.
          in: resnet50
          try: use weights: .none, or start from the features with includeTop: false.
        """)
  }

  @Test func theClassifierHasASize() {
    #expect(
      message { () throws(KerasError) in try VGG16(inputShape: [100, 100, 3]) } == """
        The published classifier takes images of shape (224, 224, 3), found (100, 100, 3).
          in: vgg16
          try: leave inputShape out, or start from the features with includeTop: false.
        """)
    #expect(
      message { () throws(KerasError) in try VGG16(weights: .none, inputShape: [nil, nil, 3]) } == """
        A classifier needs a fixed input shape, found (None, None, 3).
          in: vgg16
          try: give a height and a width, or use includeTop: false.
        """)
  }

  @Test func activationsOfPretrainedClassifiers() {
    #expect(
      message { () throws(KerasError) in try VGG16(weights: .file("x.h5"), classifierActivation: .relu) }
        == """
        Pretrained classifiers take the activation softmax or linear, found relu.
          in: vgg16
        """)
  }

  @Test func shapesOfImages() {
    #expect(
      message { () throws(KerasError) in try VGG19(weights: .none, inputShape: [31, 64, 3]) } == """
        Images must be at least 32 × 32, found (31, 64, 3).
          in: vgg19
        """)
    #expect(
      message { () throws(KerasError) in try VGG19(includeTop: false, weights: .none, inputShape: [64, 64]) }
        == """
        An input shape is [height, width, channels] with known channels, found (64, 64).
          in: vgg19
        """)
    #expect(
      message { () throws(KerasError) in try VGG19(includeTop: false, weights: .none, inputShape: [64, 0, 3])
      } == """
        An input shape is [height, width, channels] with known channels, found (64, 0, 3).
          in: vgg19
        """)
    #expect(
      message { () throws(KerasError) in try VGG19(includeTop: false, inputShape: [64, 64, 1]) } == """
        The published weights take 3 channels, found 1.
          in: vgg19
        """)
  }

  @Test func widthsOfMobileNet() {
    #expect(
      message { () throws(KerasError) in try MobileNet(alpha: 0.3) } == """
        Weights are published for alpha 0.25, 0.5, 0.75 and 1, found 0.3.
          in: mobilenet
          try: use one of those, or weights: .none.
        """)
    #expect(
      message { () throws(KerasError) in try MobileNet(depthMultiplier: 2) } == """
        Weights are published for depth multiplier 1, found 2.
          in: mobilenet
          try: use that, or weights: .none.
        """)
    #expect(
      message { () throws(KerasError) in try MobileNet(alpha: .nan, weights: .none) } == """
        Expected alpha above 1/32 and a depth multiplier of at least 1 (each at most 64), found nan and 1.
          in: mobilenet
        """)
  }

  @Test func unknownModels() {
    func message(_ name: String) -> String? {
      do throws(KerasError) {
        _ = try ModelCatalog.application(named: name)
        return nil
      } catch {
        return error.description
      }
    }
    #expect(message("ResNet-50_V2") == nil)
    #expect(
      message("resnt50") == """
        There is no model called `resnt50`.
          try: did you mean resnet50, resnext50, resnet18? `keras models` lists them all.
        """)
    #expect(
      message("") == """
        There is no model called ``.
          try: `keras models` lists them all.
        """)
  }
}
