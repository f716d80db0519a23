import KerasModels

private let paper = "https://arxiv.org/abs/1409.1556"

/// VGG with 16 layers of weights.
public let VGG16 = Application(
  "VGG16", size: 224, preprocessing: .caffe, parameters: 138_357_544, features: 512, accuracy: (71.3, 90.1),
  paper: paper, VGG(.vgg16))

/// VGG with 19 layers of weights.
public let VGG19 = Application(
  "VGG19", size: 224, preprocessing: .caffe, parameters: 143_667_240, features: 512,
  accuracy: (71.3, 90.0), paper: paper, VGG(.vgg19))
